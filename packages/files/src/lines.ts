import { InvalidContentError, TooLargeError } from "./errors.js";

const newline = 0x0a;
const carriageReturn = 0x0d;

/** The lines of UTF-8 text, without their ends; a last line without an end counts, nothing after the last end does not. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  maxBytes: number,
): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  let length = 0;
  let line = 1;
  const take = (part: Uint8Array): string => {
    const bytes = rest.length === 0 ? part : Buffer.concat([...rest, part]);
    rest = [];
    length = 0;
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    return decodeText(bytes.subarray(0, end), "utf-8", path, line);
  };
  const grow = (by: number) => {
    length += by;
    if (length <= maxBytes) return;
    throw new TooLargeError(
      `read ${path}: line ${line} is longer than ${maxBytes} bytes (maxLine)`,
      {
        details: { path, maxBytes },
        publicMessage: `A line is longer than ${maxBytes} bytes.`,
      },
    );
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      grow(at - from);
      yield take(chunk.subarray(from, at));
      line += 1;
      from = at + 1;
    }
    if (from < chunk.length) {
      grow(chunk.length - from);
      rest.push(chunk.subarray(from));
    }
  }
  if (length > 0) yield take(new Uint8Array());
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
