import { importPeer } from "@infra/errors";
import { toBytes, type ByteSize } from "@infra/interfaces";

import { InvalidRecordError } from "../errors.js";
import { limitError } from "../limit-error.js";
import { throughStream } from "../pipeline/stage.js";
import { untilAborted, type Codec } from "./codec-stage.js";

/** Options of {@link parseCsv}. */
export interface ParseCsvOptions {
  /**
   * `true`: the first line names the columns, and a record is an object; names: they do, and the first line is a record
   * like any other; `false`: a record is an array. @default true
   */
  readonly columns?: boolean | readonly string[];
  /** @default "," */
  readonly delimiter?: string;
  /** A longer record is an error. @default "1mb" */
  readonly maxRecord?: ByteSize;
  /** Whether blanks around fields are left out. @default false */
  readonly trim?: boolean;
  /** Whether records may have fewer or more fields than there are columns. @default false */
  readonly ragged?: boolean;
  /** Further options, as csv-parse has them. */
  readonly parser?: Readonly<Record<string, unknown>>;
}

/** Options of {@link formatCsv}. */
export interface FormatCsvOptions {
  /** Which fields of the records, in which order. @default those of the first record */
  readonly columns?: readonly string[];
  /** Whether the first line names the columns. @default true for objects */
  readonly header?: boolean;
  /** @default "," */
  readonly delimiter?: string;
  /**
   * Whether a field that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab, return at its start) gets a `'` in
   * front: whoever opens the file would run what a stranger wrote. @default true
   */
  readonly escapeFormulas?: boolean;
  /** Further options, as csv-stringify has them. */
  readonly stringifier?: Readonly<Record<string, unknown>>;
}

/** A field, as csv-parse gives it. */
export type CsvRecord = Readonly<Record<string, string>>;

/**
 * The records of CSV, by csv-parse: objects by column, or arrays with `columns: false`. A byte order mark and empty lines
 * are left out.
 *
 * @throws InvalidRecordError (`ERR_PROCESSOR_INVALID_RECORD`) for what is no CSV or has other fields than the columns;
 * LimitExceededError (`ERR_PROCESSOR_LIMIT`) for a record longer than `maxRecord`; PeerMissingError (`ERR_PEER_MISSING`).
 */
export function parseCsv<R = CsvRecord>(
  options: ParseCsvOptions = {},
): Codec<string | Uint8Array, R> {
  const maxBytes = toBytes(options.maxRecord ?? "1mb", "maxRecord");
  return async function* (chunks, { signal } = {}) {
    const { parse } = await importPeer("csv-parse", () => import("csv-parse"), {
      for: "parseCsv()",
    });
    const { columns = true, delimiter = ",", trim = false, ragged = false } = options;
    const parser = parse({
      bom: true,
      skip_empty_lines: true,
      relax_column_count: ragged,
      ...options.parser,
      columns: typeof columns === "boolean" ? columns : [...columns],
      delimiter,
      trim,
      max_record_size: maxBytes,
    });
    try {
      yield* throughStream<R>(untilAborted(chunks, signal), parser, signal);
    } catch (error) {
      throw csvError(error, maxBytes);
    }
  };
}

/** Records, objects or arrays, as CSV, by csv-stringify. @throws PeerMissingError (`ERR_PEER_MISSING`) */
export function formatCsv<R extends object = Readonly<Record<string, unknown>>>(
  options: FormatCsvOptions = {},
): Codec<R, Buffer> {
  return async function* (records, { signal } = {}) {
    const { stringify } = await importPeer("csv-stringify", () => import("csv-stringify"), {
      for: "formatCsv()",
    });
    const { columns, delimiter = ",", escapeFormulas = true } = options;
    const peeked = await peek(untilAborted(records, signal));
    const header = options.header ?? !Array.isArray(peeked.first);
    const stringifier = stringify({
      ...options.stringifier,
      header,
      delimiter,
      escape_formulas: escapeFormulas,
      ...(columns && { columns: [...columns] }),
    });
    yield* throughStream<Buffer>(peeked.all, stringifier, signal);
  };
}

function csvError(error: unknown, maxBytes: number): unknown {
  const { code, message, lines: line = 0 } = error as Error & { code?: string; lines?: number };
  // csv-parse has codes of both kinds
  if (code === undefined || !/^(CSV_|INVALID_OPENING_QUOTE)/.test(code)) return error;
  if (code === "CSV_MAX_RECORD_SIZE") {
    return limitError({
      what: `the record on line ${line}`,
      limit: "maxRecord",
      allowed: maxBytes,
    });
  }
  return new InvalidRecordError(`line ${line} is no such record: ${message}`, {
    details: { line },
    cause: error,
  });
}

/** The first item, and all of them. */
async function peek<T>(
  items: AsyncGenerator<T, void, undefined>,
): Promise<{ readonly first: T | undefined; readonly all: AsyncGenerator<T, void, undefined> }> {
  const first = await items.next();
  async function* all(): AsyncGenerator<T, void, undefined> {
    if (first.done) return;
    try {
      yield first.value;
      yield* items;
    } finally {
      await items.return();
    }
  }
  return { first: first.done ? undefined : first.value, all: all() };
}
