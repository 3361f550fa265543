import { basename, join } from "node:path";

import type { FileSystem } from "./file-system.js";
import { removeTree } from "./remove-tree.js";
import { temporaryName } from "./temporary-name.js";

/** Options of `Files.tempDirectory` and `Files.tempFile`. */
export interface TempOptions {
  /** What it is made in. @default the file system's `temporaryDirectory` */
  readonly parent?: string;
}

/** Options of `Files.tempFile`. */
export interface TempFileOptions extends TempOptions {
  /** The name of the file, for what looks at its extension. @default "file" */
  readonly name?: string;
}

/** A file or directory that is there for a while: `await using temp = await files.tempDirectory()`. */
export class TemporaryPath implements AsyncDisposable {
  readonly path: string;
  readonly #fileSystem: FileSystem;
  readonly #directory: string;

  constructor(fileSystem: FileSystem, path: string, directory: string) {
    this.path = path;
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /** Removes it with all it holds. Does nothing when it is gone already. */
  async remove(): Promise<void> {
    await removeTree(this.#fileSystem, this.#directory);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }
}

/** Makes a directory that only this user can enter. */
export async function makeTemporaryDirectory(
  fileSystem: FileSystem,
  { parent = fileSystem.temporaryDirectory }: TempOptions = {},
): Promise<TemporaryPath> {
  await fileSystem.makeDirectory(parent);
  const path = join(fileSystem.resolve(parent), temporaryName());
  await fileSystem.makeDirectory(path, { mode: 0o700 });
  return new TemporaryPath(fileSystem, path, path);
}

/** The path of a file that does not exist yet, in a directory of its own that only this user can enter. */
export async function makeTemporaryFile(
  fileSystem: FileSystem,
  options: TempFileOptions = {},
): Promise<TemporaryPath> {
  const { name = "file" } = options;
  if (name === "" || name === "." || name === ".." || basename(name) !== name) {
    throw new TypeError(`name must be the name of a file, without a path; got ${name}`);
  }
  const { path: directory } = await makeTemporaryDirectory(fileSystem, options);
  return new TemporaryPath(fileSystem, join(directory, name), directory);
}
