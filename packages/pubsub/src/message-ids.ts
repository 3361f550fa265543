import { randomBytes } from "node:crypto";

import type { IdGenerator } from "@infra/interfaces";

/** What names messages: a random start and a number that rises, unless something else is given. */
export function messageIds(ids: IdGenerator | undefined): () => string {
  if (ids) return () => ids.next();
  const start = randomBytes(9).toString("base64url");
  let count = 0;
  return () => `${start}-${++count}`;
}
