import { dirname, join } from "node:path";

import { copyTree, existing, refuseIntoItself, type CopyOptions } from "./copy-tree.js";
import { CrossDeviceError } from "./errors.js";
import type { FileSystem } from "./file-system.js";
import { removeTree } from "./remove-tree.js";
import { temporaryName } from "./temporary-name.js";
import { fileError } from "./to-file-error.js";

/**
 * Moves a file, link or directory: renames it, or, onto another device, copies it, puts the copy in place and only then
 * removes the original.
 *
 * @throws FileNotFoundError, FileExistsError; DirectoryNotEmptyError when a directory would take the place of a full one.
 */
export async function moveTree(
  fileSystem: FileSystem,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<void> {
  const { overwrite = false, signal } = options;
  const source = await existing(fileSystem, from, "move");
  if (source.kind === "directory") refuseIntoItself(fileSystem, from, to);
  if (!overwrite && (await fileSystem.stat(to, { followLinks: false }))) {
    throw fileError("EEXIST", "move", to);
  }
  signal?.throwIfAborted();
  try {
    await fileSystem.rename(from, to, { overwrite });
    return;
  } catch (error) {
    if (!CrossDeviceError.is(error)) throw error;
  }
  const temporary = join(dirname(fileSystem.resolve(to)), temporaryName());
  try {
    await copyTree(fileSystem, from, temporary, { keepTimes: true, ...(signal && { signal }) });
    await fileSystem.rename(temporary, to, { overwrite });
  } catch (error) {
    await removeTree(fileSystem, temporary);
    throw error;
  }
  // the move is done; to stop now would leave two
  await removeTree(fileSystem, from);
}
