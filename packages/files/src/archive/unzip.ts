import { Readable } from "node:stream";

import { importPeer } from "@infra/errors";
import type { Entry, RandomAccessReader, ZipFile } from "yauzl";

import type { FileKind, FileSystem } from "../file-system.js";
import { Files } from "../files.js";
import { fileError } from "../to-file-error.js";
import { unsafeEntry } from "./entry-path.js";
import { extract, type ArchiveEntry, type ExtractOptions, type ExtractResult } from "./extract.js";
import { Meter } from "./meter.js";

type Yauzl = typeof import("yauzl");

/**
 * Extracts a ZIP file into a directory that is empty or does not exist: all of it or nothing. Files are the user's to write
 * and everybody's to read, executables stay executable, and times are kept; other rights are not taken over. Needs `yauzl`.
 *
 * @throws UnsafeArchiveError, ArchiveLimitError, InvalidArchiveError, DirectoryNotEmptyError, FileNotFoundError,
 * PeerMissingError (`ERR_PEER_MISSING`).
 */
export async function unzip(
  archive: string,
  destination: string,
  options: ExtractOptions = {},
): Promise<ExtractResult> {
  const { files = new Files(), signal } = options;
  const meter = new Meter(options);
  const yauzl = await importPeer("yauzl", () => import("yauzl"), { for: "a ZIP archive" });
  return extract(entriesOf(yauzl, files.fileSystem, archive, meter, signal), destination, meter, {
    ...options,
    files,
  });
}

async function* entriesOf(
  yauzl: Yauzl,
  fileSystem: FileSystem,
  path: string,
  meter: Meter,
  signal: AbortSignal | undefined,
): AsyncGenerator<ArchiveEntry> {
  const stat = await fileSystem.stat(path);
  if (!stat) throw fileError("ENOENT", "unzip", path);
  // entries may overlap, so that each alone looks harmless: all of them are held against the whole file
  meter.read(stat.sizeBytes);
  const reader = createReader(yauzl, fileSystem, path, signal);
  const zip = await yauzl.fromRandomAccessReaderPromise(reader, stat.sizeBytes, {
    // names are checked by us, as they are
    decodeStrings: false,
    autoClose: false,
  });
  for await (const entry of zip.eachEntry()) yield toArchiveEntry(yauzl, zip, entry, meter);
}

function toArchiveEntry(yauzl: Yauzl, zip: ZipFile, entry: Entry, meter: Meter): ArchiveEntry {
  const name = yauzl.getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileNameRaw,
    entry.extraFields,
    true,
  );
  const mode = entry.externalFileAttributes >>> 16;
  return {
    name,
    kind: kindOf(name, mode),
    isExecutable: (mode & 0o111) !== 0,
    modifiedAt: entry.getLastModDate(),
    skip: () => Promise.resolve(),
    async open() {
      if (entry.isEncrypted()) throw unsafeEntry(name, "is encrypted");
      return metered(await zip.openReadStreamPromise(entry), meter);
    },
  };
}

async function* metered(content: Readable, meter: Meter): AsyncGenerator<Uint8Array> {
  for await (const chunk of content as AsyncIterable<Uint8Array>) {
    meter.unpacked(chunk.length);
    yield chunk;
  }
}

/** Unix tools put the file's type above its rights; the others put nothing there. */
function kindOf(name: string, mode: number): FileKind {
  switch (mode & 0o170000) {
    case 0:
    case 0o100000:
      return name.endsWith("/") ? "directory" : "file";
    case 0o040000:
      return "directory";
    case 0o120000:
      return "link";
    default:
      return "other";
  }
}

function createReader(
  yauzl: Yauzl,
  fileSystem: FileSystem,
  path: string,
  signal: AbortSignal | undefined,
): RandomAccessReader {
  class FileReader extends yauzl.RandomAccessReader {
    override _readStreamForRange(start: number, end: number): Readable {
      return Readable.from(fileSystem.read(path, { start, end, signal }), { objectMode: false });
    }
  }
  return new FileReader();
}
