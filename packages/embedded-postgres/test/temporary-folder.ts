import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll } from "@jest/globals";

/** Folders of a suite, removed at its end: each call of what is returned names another one, which is not there yet. */
export function temporaryFolders(): () => string {
  let root: string;
  let count = 0;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "embedded-"));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => join(root, `db${(count += 1)}`);
}
