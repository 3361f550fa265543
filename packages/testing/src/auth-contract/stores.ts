import type { AuthStores } from "@infra/auth";

import { afterEach } from "../runner.js";

/** Stores that nobody else uses, and what closes them; `again` opens another access to the same. */
export interface AuthStoresUnderTest {
  readonly stores: AuthStores;
  readonly again?: (() => Promise<AuthStores>) | undefined;
  close(): Promise<void>;
}

/** Opens what a test needs, and closes it afterwards. */
export function opener(
  create: () => Promise<AuthStoresUnderTest>,
): () => Promise<AuthStoresUnderTest> {
  const opened: AuthStoresUnderTest[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  return async () => {
    const made = await create();
    opened.push(made);
    return made;
  };
}
