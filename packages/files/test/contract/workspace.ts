import { join } from "node:path";

import { afterEach, beforeEach } from "@jest/globals";

import { Files, type FileSystem } from "../../src/index.js";

/** A file system to test, and a directory in it that is the test's own. */
export interface Subject {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly close: () => Promise<void>;
}

/** The subject of the test that runs. */
export interface Workspace {
  readonly files: Files;
  readonly directory: string;
  /** A path in the directory. */
  at(...names: string[]): string;
  /** The names in a directory. */
  names(path: string): Promise<string[]>;
}

/** A new subject for each test. */
export function workspaceOf(create: () => Promise<Subject>): Workspace {
  let subject: Subject;
  let files: Files;
  beforeEach(async () => {
    subject = await create();
    files = new Files(subject.fileSystem);
  });
  afterEach(() => subject.close());
  return {
    get files() {
      return files;
    },
    get directory() {
      return subject.directory;
    },
    at: (...names) => join(subject.directory, ...names),
    names: async (path) => (await files.list(path)).map(({ name }) => name),
  };
}

/** All that comes. */
export async function toArray<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

/** Waits for what comes about by itself. */
export async function untilTrue(check: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 5000;
  while (!(await check())) {
    if (Date.now() > until) throw new Error("it did not come about within 5 s");
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
