import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { FileExistsError, Files } from "@infra/files";

/**
 * Makes a file beside its place, and puts it there when it is whole; when the work fails, nothing is left and what was there
 * before still is.
 */
export async function makeFile(
  path: string,
  work: (temporary: string) => Promise<void>,
): Promise<void> {
  const target = resolve(path);
  // the same extension, for what goes by it
  const temporary = join(dirname(target), `.${randomBytes(6).toString("hex")}-${basename(target)}`);
  try {
    await work(temporary);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Makes a directory beside its place, and puts it there when it is whole.
 *
 * @throws FileExistsError when there is something already, other than an empty directory
 */
export async function makeDirectory(
  path: string,
  work: (temporary: string) => Promise<void>,
): Promise<void> {
  const target = resolve(path);
  await refuseFilled(target);
  const temporary = join(dirname(target), `.${randomBytes(6).toString("hex")}-${basename(target)}`);
  await mkdir(temporary, { recursive: true });
  try {
    await work(temporary);
    await refuseFilled(target);
    await rmdir(target).catch(() => {});
    await rename(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** How large a file is by now; 0 before it is there. */
export async function fileBytes(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** How much a directory holds by now. */
export async function directoryBytes(path: string): Promise<number> {
  return (await new Files().size(path)).bytes;
}

async function refuseFilled(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0) return;
  throw new FileExistsError(`make ${path}: there are ${entries.length} files in it already`, {
    details: { path },
  });
}
