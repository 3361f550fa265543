import { join } from "node:path";

import { DirectoryNotEmptyError, FileExistsError } from "./errors.js";
import type { FileSystem } from "./file-system.js";

const attempts = 5;

/** Removes a file, a link (not what it points to), or a directory with all it holds; `false` when there was nothing. */
export async function removeTree(
  fileSystem: FileSystem,
  path: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const kind = (await fileSystem.stat(path, { followLinks: false }))?.kind;
  if (kind === undefined) return false;
  if (kind !== "directory") return fileSystem.removeFile(path);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await fileSystem.removeDirectory(path);
    } catch (error) {
      // the first time it is full; later, somebody put something in while it was emptied. What may not go at all, such as
      // the root of a jail, says so before anything in it is gone.
      if (!isFull(error) || attempt === attempts) throw error;
    }
    for await (const { name } of fileSystem.list(path)) {
      signal?.throwIfAborted();
      await removeTree(fileSystem, join(path, name), signal);
    }
  }
}

/** Which of the two depends on the disk. */
function isFull(error: unknown): boolean {
  return DirectoryNotEmptyError.is(error) || FileExistsError.is(error);
}
