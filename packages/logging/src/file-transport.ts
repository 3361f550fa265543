import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import {
  systemClock,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
  type LogLevel,
  type LogEntry,
  type LogTransport,
} from "@infra/interfaces";

import { FdWriter } from "./fd-writer.js";

/** Options of {@link FileTransport}. */
export interface FileTransportOptions {
  /** The file; folders that are missing are made. */
  readonly path: string;
  /** The file is put aside before it grows beyond this. @default Infinity */
  readonly maxSize?: ByteSize;
  /** How many files that were put aside are kept: `app.log.1` is the newest. @default 5 */
  readonly maxFiles?: number;
  /**
   * Files that were put aside are removed when their last line is older than this: looked at when the file is opened and
   * whenever one is put aside. @default Infinity
   */
  readonly maxAge?: Duration;
  /** The least urgent level it takes. @default every line that the logger lets through */
  readonly level?: LogLevel;
}

/** Collaborators of {@link FileTransport}. */
export interface FileTransportDependencies {
  readonly clock?: Clock;
}

/**
 * Appends each line to a file as JSON, at once: a line that was logged is in the file, whatever becomes of the process.
 * Opened with the first line, and again with the next one after `close()`.
 */
export class FileTransport implements LogTransport {
  readonly name: string;
  readonly level: LogLevel;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;
  #fd: number | undefined;
  #writer: FdWriter | undefined;
  #bytes = 0;

  constructor(options: FileTransportOptions, deps: FileTransportDependencies = {}) {
    const { path, maxFiles = 5 } = options;
    if (typeof path !== "string" || path === "") {
      throw new TypeError(`FileTransport: path must be a file name, got ${JSON.stringify(path)}`);
    }
    if (!Number.isInteger(maxFiles) || maxFiles < 0) {
      throw new RangeError(
        `FileTransport: maxFiles must be a whole number from 0, got ${String(maxFiles)}`,
      );
    }
    this.name = `file ${path}`;
    this.level = options.level ?? "trace";
    this.#path = resolve(path);
    this.#maxBytes = toBytes(options.maxSize ?? Infinity, "FileTransport: maxSize");
    this.#maxFiles = maxFiles;
    this.#maxAgeMs = toMilliseconds(options.maxAge ?? Infinity, "FileTransport: maxAge");
    this.#clock = deps.clock ?? systemClock;
  }

  log(entry: LogEntry): void {
    this.writeLine(entry.line);
  }

  writeLine(line: string): void {
    const text = `${line}\n`;
    let writer = this.#writer ?? this.#open();
    if (this.#maxBytes !== Infinity) {
      const bytes = Buffer.byteLength(text);
      if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) writer = this.#rotate();
      this.#bytes += bytes;
    }
    writer.write(text);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#writer = undefined;
  }

  #open(): FdWriter {
    mkdirSync(dirname(this.#path), { recursive: true });
    this.#fd = openSync(this.#path, "a");
    this.#bytes = fstatSync(this.#fd).size;
    this.#writer = new FdWriter(this.#fd);
    this.#removeAged();
    return this.#writer;
  }

  #removeAged(): void {
    if (this.#maxAgeMs === Infinity) return;
    const oldest = this.#clock.now() - this.#maxAgeMs;
    for (let at = 1; at <= this.#maxFiles; at++) {
      const file = `${this.#path}.${at}`;
      const writtenAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      if (writtenAt !== undefined && writtenAt < oldest) rmSync(file, { force: true });
    }
  }

  #rotate(): FdWriter {
    this.close();
    rmSync(`${this.#path}.${this.#maxFiles}`, { force: true });
    for (let at = this.#maxFiles - 1; at >= 1; at--) {
      moveIfThere(`${this.#path}.${at}`, `${this.#path}.${at + 1}`);
    }
    if (this.#maxFiles > 0) moveIfThere(this.#path, `${this.#path}.1`);
    else rmSync(this.#path, { force: true });
    return this.#open();
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
