import { InvalidContentError, TooLargeError } from "./errors.js";

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Options of {@link splitLines}. */
export interface SplitLinesOptions {
  /** A longer line is an error. */
  readonly maxBytes: number;
  /** Makes that error; lines are counted from 1. */
  readonly tooLong: (line: number) => Error;
}

/**
 * The lines of text as bytes, without the line feeds; a last line without one counts, nothing after the last one does not.
 * A line may be a part of a chunk: who gives the chunks may use one again when the next is asked for.
 *
 * @throws what `tooLong` makes.
 */
export async function* splitLines(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { maxBytes, tooLong }: SplitLinesOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Uint8Array[] = [];
  let length = 0;
  let line = 1;
  const grow = (by: number) => {
    length += by;
    if (length > maxBytes) throw tooLong(line);
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      grow(at - from);
      const part = chunk.subarray(from, at);
      yield rest.length === 0 ? part : Buffer.concat([...rest, part]);
      rest = [];
      length = 0;
      line += 1;
      from = at + 1;
    }
    if (from < chunk.length) {
      grow(chunk.length - from);
      rest.push(Uint8Array.from(chunk.subarray(from)));
    }
  }
  if (length > 0) yield Buffer.concat(rest);
}

/** The lines of UTF-8 text, without their ends. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  maxBytes: number,
): AsyncGenerator<string> {
  const tooLong = (line: number): Error =>
    new TooLargeError(`read ${path}: line ${line} is longer than ${maxBytes} bytes (maxLine)`, {
      details: { path, maxBytes },
      publicMessage: `A line is longer than ${maxBytes} bytes.`,
    });
  let line = 0;
  for await (const bytes of splitLines(chunks, { maxBytes, tooLong })) {
    line += 1;
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    yield decodeText(bytes.subarray(0, end), "utf-8", path, line);
  }
}

/**
 * Bytes as text; a byte order mark is left out.
 *
 * @throws InvalidContentError when the bytes are no text in that encoding, which would lose them.
 */
export function decodeText(
  bytes: Uint8Array,
  encoding: string,
  path: string,
  line?: number,
): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ENCODING_INVALID_ENCODED_DATA") throw error;
    throw invalid(path, `no ${encoding} text`, line, error);
  }
}

/** @throws InvalidContentError naming the line, when there is one. */
export function parseJson<T>(text: string, path: string, line?: number): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw invalid(path, "no JSON", line, error);
  }
}

function invalid(path: string, what: string, line: number | undefined, cause: unknown): Error {
  const where = line === undefined ? "it is" : `line ${line} is`;
  return new InvalidContentError(`read ${path}: ${where} ${what}`, {
    details: { path, ...(line !== undefined && { line }) },
    publicMessage: `The file can't be read: ${where} ${what}.`,
    cause,
  });
}
