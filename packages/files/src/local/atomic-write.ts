import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import { dirname, join } from "node:path";

import type { WriteOptions } from "../file-system.js";
import { temporaryName } from "../temporary-name.js";
import { fileError } from "../to-file-error.js";
import type { Rename } from "./rename-retrying.js";

/** The calls that give a file its name. */
export interface NameCalls {
  readonly rename: Rename;
  readonly link: Rename;
}

/** The permission, set-id and sticky bits of a mode. */
export const modeBits = 0o7777;

/**
 * Writes a file beside the target, flushes it, gives it the target's name, and flushes the directory. Whatever fails, the
 * target is as it was and the other file is gone; there is no plain write to fall back to.
 *
 * @param target - where the content goes: not a link, unless the link is to be replaced.
 */
export async function atomicWrite(
  target: string,
  content: AsyncIterable<Uint8Array>,
  names: NameCalls,
  options: WriteOptions = {},
): Promise<void> {
  const { overwrite = true, durable = true, signal } = options;
  const old = await replaceable(target, overwrite);
  const mode = options.mode ?? (old && old.mode & modeBits);
  const temporary = join(dirname(target), temporaryName());
  let placed = false;
  const handle = await fs.open(temporary, "wx", mode ?? 0o666);
  try {
    try {
      for await (const chunk of content) {
        signal?.throwIfAborted();
        await writeAll(handle, chunk);
      }
      if (old) await keepOwner(handle, old);
      // the umask had a say when the file was made, and a change of owner clears set-id bits
      if (mode !== undefined) await handle.chmod(mode);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    signal?.throwIfAborted();
    await (overwrite ? names.rename(temporary, target) : placeNew(temporary, target, names));
    placed = true;
  } finally {
    if (!placed) await fs.rm(temporary, { force: true });
  }
  if (durable) await syncDirectory(dirname(target));
}

/**
 * Gives a file the name of one that must not exist: a link fails when it does, where a rename would replace it. Where the
 * disk has no hard links (FAT), looking and renaming are two steps.
 */
export async function placeNew(
  from: string,
  to: string,
  { rename, link }: NameCalls,
): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code ?? "")) throw error;
    await replaceable(to, false);
    return rename(from, to);
  }
  await fs.unlink(from);
}

/** Waits until the names in a directory have reached the disk. Windows does so by itself and has no call for it. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await fs.open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a write would replace: a file, a link or nothing. A device or a pipe is not replaced by a file. */
async function replaceable(target: string, overwrite: boolean) {
  const old = await lstatIfAny(target);
  if (!old) return undefined;
  if (!overwrite) throw fileError("EEXIST", "write", target);
  if (old.isDirectory()) throw fileError("EISDIR", "write", target);
  if (old.isSymbolicLink()) return undefined;
  if (!old.isFile()) throw fileError("ENOTFILE", "write", target);
  return old;
}

async function lstatIfAny(path: string) {
  try {
    return await fs.lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function writeAll(handle: fs.FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, at);
    at += bytesWritten;
  }
}

/** Only root can give a file away, and must: or a root's edit would lock the owner out. */
async function keepOwner(
  handle: fs.FileHandle,
  old: { readonly uid: number; readonly gid: number },
): Promise<void> {
  if (process.geteuid?.() === 0) await handle.chown(old.uid, old.gid);
}
