import { dirname, join } from "node:path";

import type { FileStat, FileSystem } from "./file-system.js";
import { isInside } from "./is-inside.js";
import { removeTree } from "./remove-tree.js";
import { temporaryName } from "./temporary-name.js";
import { fileError } from "./to-file-error.js";

/** Options of `Files.copy` and `Files.move`. */
export interface CopyOptions {
  /** Whether files that are there are replaced, and directories merged. @default false */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Copies a file, a link (as a link) or a directory with all it holds. What was not there before appears whole, or not at
 * all.
 *
 * @param options - `keepTimes` gives files the time of the originals.
 * @throws FileNotFoundError, FileExistsError, WrongKindError for devices, IntoItselfError.
 */
export async function copyTree(
  fileSystem: FileSystem,
  from: string,
  to: string,
  options: CopyOptions & { readonly keepTimes?: boolean } = {},
): Promise<void> {
  const { overwrite = false, signal } = options;
  const source = await existing(fileSystem, from, "copy");
  const target = await fileSystem.stat(to, { followLinks: false });
  if (target && !overwrite) throw fileError("EEXIST", "copy", to);
  if (source.kind !== "directory") return copyOne(fileSystem, from, to, source, options);
  refuseIntoItself(fileSystem, from, to);
  if (target && target.kind !== "directory") throw fileError("ENOTDIR", "copy", to);
  if (target) return copyDirectory(fileSystem, from, to, source, options);
  const temporary = join(dirname(fileSystem.resolve(to)), temporaryName());
  try {
    await copyDirectory(fileSystem, from, temporary, source, options);
    signal?.throwIfAborted();
    await fileSystem.rename(temporary, to, { overwrite: false });
  } catch (error) {
    await removeTree(fileSystem, temporary);
    throw error;
  }
}

/** @throws IntoItselfError when a directory would end up in itself. */
export function refuseIntoItself(fileSystem: FileSystem, from: string, to: string): void {
  if (isInside(fileSystem.resolve(from), fileSystem.resolve(to))) {
    throw fileError("EINTOITSELF", `put ${from} in`, to);
  }
}

/** What is at a path, a link as itself. @throws FileNotFoundError */
export async function existing(
  fileSystem: FileSystem,
  path: string,
  operation: string,
): Promise<FileStat> {
  const stat = await fileSystem.stat(path, { followLinks: false });
  if (!stat) throw fileError("ENOENT", operation, path);
  return stat;
}

async function copyDirectory(
  fileSystem: FileSystem,
  from: string,
  to: string,
  { mode }: FileStat,
  options: CopyOptions & { readonly keepTimes?: boolean },
): Promise<void> {
  // what is filled must be writable
  await fileSystem.makeDirectory(to, { mode: mode | 0o700 });
  for await (const { name } of fileSystem.list(from)) {
    options.signal?.throwIfAborted();
    const source = join(from, name);
    const target = join(to, name);
    const stat = await existing(fileSystem, source, "copy");
    if (stat.kind !== "directory") {
      await copyOne(fileSystem, source, target, stat, options);
      continue;
    }
    const there = await fileSystem.stat(target, { followLinks: false });
    if (there && there.kind !== "directory") throw fileError("ENOTDIR", "copy", target);
    await copyDirectory(fileSystem, source, target, stat, options);
  }
}

async function copyOne(
  fileSystem: FileSystem,
  from: string,
  to: string,
  { kind, mode, modifiedAt }: FileStat,
  options: CopyOptions & { readonly keepTimes?: boolean },
): Promise<void> {
  const { overwrite = false, keepTimes = false, signal } = options;
  if (kind === "link") {
    const temporary = join(dirname(to), temporaryName());
    await fileSystem.makeLink(await fileSystem.readLink(from), temporary);
    try {
      await fileSystem.rename(temporary, to, { overwrite });
    } catch (error) {
      await fileSystem.removeFile(temporary);
      throw error;
    }
    return;
  }
  if (kind !== "file") throw fileError("ENOTFILE", "copy", from);
  const content = fileSystem.read(from, { signal });
  await fileSystem.write(to, content, { overwrite, mode, followLinks: false, signal });
  if (keepTimes) await fileSystem.touch(to, modifiedAt);
}
