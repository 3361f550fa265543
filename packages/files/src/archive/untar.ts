import { pipeline, Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";

import { importPeer } from "@infra/errors";
import type { ParsedTarEntry, TarHeader } from "modern-tar";

import { toChunks } from "../chunks.js";
import type { FileKind } from "../file-system.js";
import { Files } from "../files.js";
import { counted } from "./counted.js";
import { extract, type ArchiveEntry, type ExtractOptions, type ExtractResult } from "./extract.js";
import { Meter } from "./meter.js";

/** A TAR archive: the path of a file, or its bytes as they come, such as a download. */
export type TarSource = string | AsyncIterable<Uint8Array>;

/**
 * Extracts a TAR archive, plain or compressed with gzip, into a directory that is empty or does not exist: all of it or
 * nothing. Files are the user's to write and everybody's to read, executables stay executable, and times are kept; other
 * rights are not taken over. Needs `modern-tar`.
 *
 * @throws UnsafeArchiveError, ArchiveLimitError, InvalidArchiveError, DirectoryNotEmptyError, FileNotFoundError,
 * PeerMissingError (`ERR_PEER_MISSING`).
 */
export async function untar(
  archive: TarSource,
  destination: string,
  options: ExtractOptions = {},
): Promise<ExtractResult> {
  const { files = new Files(), signal } = options;
  const meter = new Meter(options);
  const tar = await importPeer("modern-tar", () => import("modern-tar"), {
    for: "a TAR archive",
  });
  const source = typeof archive === "string" ? files.fileSystem.read(archive, { signal }) : archive;
  const bytes = unpacked(toChunks(source, signal), meter);
  // strict: what is damaged or cut short is an error, and not an archive of fewer entries
  const decoder = tar.createTarDecoder({ strict: true });
  const entries = ReadableStream.from(bytes).pipeThrough(decoder);
  return extract(toArchiveEntries(entries), destination, meter, { ...options, files });
}

/** The bytes of the plain archive. */
async function* unpacked(
  chunks: AsyncIterable<Uint8Array>,
  meter: Meter,
): AsyncGenerator<Uint8Array> {
  const { isGzip, all } = await peek(counted(chunks, (length) => meter.read(length)));
  if (!isGzip) {
    yield* counted(all, (length) => meter.unpacked(length));
    return;
  }
  const { createGunzip } = await import("node:zlib");
  const gunzip = createGunzip();
  // what fails comes out at the end of the iteration
  pipeline(Readable.from(all, { objectMode: false }), gunzip, () => undefined);
  yield* counted(gunzip, (length) => meter.unpacked(length));
}

async function peek(
  chunks: AsyncGenerator<Uint8Array>,
): Promise<{ readonly isGzip: boolean; readonly all: AsyncGenerator<Uint8Array> }> {
  let start: Uint8Array = new Uint8Array();
  while (start.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  const all = (async function* () {
    if (start.length > 0) yield start;
    yield* chunks;
  })();
  return { isGzip: start[0] === 0x1f && start[1] === 0x8b, all };
}

async function* toArchiveEntries(
  entries: AsyncIterable<ParsedTarEntry>,
): AsyncGenerator<ArchiveEntry> {
  for await (const { header, body } of entries) {
    yield {
      name: header.name,
      kind: kindOf(header),
      isExecutable: ((header.mode ?? 0) & 0o111) !== 0,
      modifiedAt: header.mtime,
      open: () => Promise.resolve(body as unknown as AsyncIterable<Uint8Array>),
      skip: () => body.cancel(),
    };
  }
}

function kindOf({ type = "file" }: TarHeader): FileKind {
  if (type === "file" || type === "directory") return type;
  return type === "link" || type === "symlink" ? "link" : "other";
}
