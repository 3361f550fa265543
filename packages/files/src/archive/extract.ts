import { dirname, join } from "node:path";

import { InfraError } from "@infra/errors";

import { toChunks, type FileContent } from "../chunks.js";
import {
  FileExistsError,
  InvalidArchiveError,
  OutsideRootError,
  SymbolicLinkError,
  WrongKindError,
} from "../errors.js";
import type { FileKind } from "../file-system.js";
import { Files } from "../files.js";
import { Jail } from "../jail.js";
import { temporaryName } from "../temporary-name.js";
import { fileError } from "../to-file-error.js";
import { counted } from "./counted.js";
import { entryPath, unsafeEntry } from "./entry-path.js";
import type { ArchiveLimits, Meter } from "./meter.js";

/** Options of `unzip` and `untar`. */
export interface ExtractOptions extends ArchiveLimits {
  /** Where the archive and the destination are. @default new Files() */
  readonly files?: Files;
  /** What happens at a link, hard or symbolic: it refuses the archive, or is left out. @default "refuse" */
  readonly links?: "refuse" | "skip";
  readonly signal?: AbortSignal;
}

/** What came out of an archive. */
export interface ExtractResult {
  readonly files: number;
  /** The lengths of all files together. */
  readonly bytes: number;
}

/** One entry of an archive, whose content is read before the next one is asked for. */
export interface ArchiveEntry {
  readonly name: string;
  readonly kind: FileKind;
  readonly isExecutable: boolean;
  readonly modifiedAt: Date | undefined;
  /** The content; of a file that is not opened, it is left alone. */
  open(): Promise<FileContent>;
  /** Passes over the content. */
  skip(): Promise<void>;
}

/**
 * Extracts entries into a directory beside the destination, which takes the destination's place when all are there.
 *
 * @throws DirectoryNotEmptyError when there is something at the destination; UnsafeArchiveError, ArchiveLimitError,
 * InvalidArchiveError. Nothing is left of what was extracted then.
 */
export async function extract(
  entries: AsyncIterable<ArchiveEntry>,
  destination: string,
  meter: Meter,
  options: ExtractOptions,
): Promise<ExtractResult> {
  const { files = new Files(), signal } = options;
  signal?.throwIfAborted();
  const target = files.fileSystem.resolve(destination);
  await refuseFull(files, target);
  await files.makeDirectory(dirname(target));
  const temporary = join(dirname(target), temporaryName());
  try {
    await files.makeDirectory(temporary);
    const result = await extractAll(entries, temporary, files, meter, options);
    signal?.throwIfAborted();
    // an empty one; Windows renames over nothing else
    await files.fileSystem.removeDirectory(target);
    await files.fileSystem.rename(temporary, target, { overwrite: false });
    return result;
  } catch (error) {
    await files.remove(temporary, { recursive: true });
    if (InfraError.is(error) || (signal?.aborted && error === signal.reason)) throw error;
    throw new InvalidArchiveError(`the archive can't be read: ${(error as Error).message}`, {
      cause: error,
      publicMessage: "The archive can't be read.",
    });
  }
}

async function extractAll(
  entries: AsyncIterable<ArchiveEntry>,
  root: string,
  files: Files,
  meter: Meter,
  { links = "refuse", signal }: ExtractOptions,
): Promise<ExtractResult> {
  // names are checked one by one; the jail holds whatever gets past that
  const inside = new Files(new Jail(root, {}, { fileSystem: files.fileSystem }));
  let count = 0;
  let bytes = 0;
  for await (const entry of entries) {
    signal?.throwIfAborted();
    meter.entry();
    const path = entryPath(entry.name);
    if (entry.kind === "link" && links === "skip") {
      await entry.skip();
      continue;
    }
    if (entry.kind === "link") throw unsafeEntry(entry.name, "is a link");
    if (entry.kind === "other") throw unsafeEntry(entry.name, "is a device or a pipe");
    try {
      if (entry.kind === "directory") {
        await inside.makeDirectory(path);
        await entry.skip();
        continue;
      }
      if (path === "") throw unsafeEntry(entry.name, "has no name");
      await inside.makeDirectory(dirname(path));
      const content = counted(toChunks(await entry.open(), signal), (length) => {
        bytes += length;
      });
      await inside.write(path, content, {
        overwrite: false,
        durable: false,
        mode: entry.isExecutable ? 0o755 : 0o644,
        ...(signal && { signal }),
      });
      if (entry.modifiedAt) await inside.fileSystem.touch(path, entry.modifiedAt);
      count += 1;
    } catch (error) {
      if (collisions.some((Class) => Class.is(error))) {
        throw unsafeEntry(entry.name, "has the name of another entry, or of its directory", error);
      }
      throw error;
    }
  }
  return { files: count, bytes };
}

const collisions = [FileExistsError, WrongKindError, OutsideRootError, SymbolicLinkError];

async function refuseFull(files: Files, target: string): Promise<void> {
  const kind = (await files.fileSystem.stat(target, { followLinks: false }))?.kind;
  if (kind === undefined) return;
  if (kind !== "directory") throw fileError("ENOTDIR", "extract to", target);
  for await (const _ of files.fileSystem.list(target)) {
    throw fileError("ENOTEMPTY", "extract to", target);
  }
}
