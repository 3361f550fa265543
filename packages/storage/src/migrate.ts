import { NotFoundError } from "@infra/errors";
import type { FileMetadata, Storage } from "@infra/interfaces";
import { mapConcurrent } from "@infra/promises";

import { isSameFile } from "./transfer.js";

/** Options of `StorageService.migrate`. */
export interface MigrateOptions {
  /** The provider that the files are in. */
  readonly from: string;
  /** The provider that they go to. */
  readonly to: string;
  /** Only keys that begin with it. */
  readonly prefix?: string | undefined;
  /** Where to go on: the `cursor` of an earlier run's progress. @default the beginning; what is there already is skipped */
  readonly cursor?: string | undefined;
  /** How many files at once. @default 4 */
  readonly concurrency?: number | undefined;
  /** Whether a file is deleted where it was once it has arrived. @default false */
  readonly deleteSource?: boolean | undefined;
  readonly onProgress?: ((progress: MigrateProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How far a migration has come. */
export interface MigrateProgress {
  /** The file that was done last. */
  readonly fileId: string;
  readonly copied: number;
  /** Files that were there already. */
  readonly skipped: number;
  readonly copiedBytes: number;
  /** Where another run can go on; `undefined` as long as it would have to begin at the beginning. */
  readonly cursor: string | undefined;
}

/** What a migration did. */
export type MigrateResult = Pick<MigrateProgress, "copied" | "skipped" | "copiedBytes">;

/** Copies all files from one provider to another; those that are there already are skipped. */
export async function migrate(storage: Storage, options: MigrateOptions): Promise<MigrateResult> {
  const { from, to, prefix, concurrency = 4, deleteSource = false, signal } = options;
  if (from === to)
    throw new RangeError(`to must be another provider than from, got ${JSON.stringify(to)}`);
  const done = { copied: 0, skipped: 0, copiedBytes: 0 };
  let cursor = options.cursor;
  for (;;) {
    const page = await storage.list({ provider: from, prefix, cursor, signal });
    const here = cursor;
    await mapConcurrent(
      page.files,
      async ({ fileId }, _at, work) => {
        const source = await ifAny(storage, fileId, from, work.signal);
        // deleted since it was listed
        if (!source) return;
        const target = await ifAny(storage, fileId, to, work.signal);
        if (target && isSameFile(source, target)) {
          done.skipped += 1;
        } else {
          await storage.copy(fileId, fileId, {
            provider: from,
            toProvider: to,
            signal: work.signal,
          });
          done.copied += 1;
          done.copiedBytes += source.sizeBytes;
        }
        if (deleteSource) await storage.delete(fileId, { provider: from, signal: work.signal });
        options.onProgress?.({ ...done, fileId, cursor: here });
      },
      { concurrency, ...(signal && { signal }) },
    );
    cursor = page.cursor;
    if (cursor === undefined) return done;
  }
}

async function ifAny(
  storage: Storage,
  fileId: string,
  provider: string,
  signal: AbortSignal,
): Promise<FileMetadata | undefined> {
  try {
    return await storage.getMetadata(fileId, { provider, signal });
  } catch (error) {
    if (NotFoundError.is(error)) return undefined;
    throw error;
  }
}
