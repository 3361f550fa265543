import { splitLines } from "@infra/files";
import { toBytes, type ByteSize } from "@infra/interfaces";

import { InvalidRecordError } from "../errors.js";
import { limitError } from "../limit-error.js";
import { untilAborted, type Codec } from "./codec-stage.js";

/** Options of {@link parseNdjson}. */
export interface ParseNdjsonOptions {
  /** A longer line is an error. @default "1mb" */
  readonly maxRecord?: ByteSize;
}

/**
 * The values of text with one JSON value a line; empty lines are passed over.
 *
 * @throws InvalidRecordError (`ERR_PROCESSOR_INVALID_RECORD`) for a line that is no JSON or no UTF-8; LimitExceededError
 * (`ERR_PROCESSOR_LIMIT`) for one that is longer than `maxRecord`.
 */
export function parseNdjson<T = unknown>(
  options: ParseNdjsonOptions = {},
): Codec<string | Uint8Array, T> {
  const maxBytes = toBytes(options.maxRecord ?? "1mb", "maxRecord");
  const tooLong = (line: number): Error =>
    limitError({ what: `line ${line}`, limit: "maxRecord", allowed: maxBytes });
  return async function* (chunks, { signal } = {}) {
    let line = 0;
    for await (const bytes of splitLines(asBytes(chunks, signal), { maxBytes, tooLong })) {
      line += 1;
      const text = decode(bytes, line);
      if (text.trim() !== "") yield parse<T>(text, line);
    }
  };
}

/** Values as text with one JSON value a line. @throws TypeError for what JSON can't say. */
export function formatNdjson<T = unknown>(): Codec<T, string> {
  return async function* (values, { signal } = {}) {
    for await (const value of untilAborted(values, signal)) {
      const json = JSON.stringify(value) as string | undefined;
      if (json === undefined) {
        throw new TypeError(`formatNdjson: a value must be what JSON can say, got ${typeof value}`);
      }
      yield `${json}\n`;
    }
  };
}

async function* asBytes(
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of untilAborted(chunks, signal)) {
    yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
}

function decode(bytes: Uint8Array, line: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid(line, "is no UTF-8 text", cause);
  }
}

function parse<T>(text: string, line: number): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw invalid(line, "is no JSON", cause);
  }
}

function invalid(line: number, what: string, cause: unknown): Error {
  return new InvalidRecordError(`line ${line} ${what}`, { details: { line }, cause });
}
