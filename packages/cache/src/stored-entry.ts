import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants } from "node:zlib";

import type { Snapshot } from "./snapshot.js";
import { fromText, toText } from "./value-text.js";

/** Tags, each with the token that it had when the loading of the value began. */
export type TagTokens = readonly (readonly [tag: string, token: string])[];

/** When a value is good for what, in milliseconds since the epoch. */
export interface Times {
  readonly createdAt: number;
  readonly freshUntil: number;
  /** Until when it may be served when nothing better can be had. */
  readonly staleUntil: number;
}

/** A value as a store keeps it. */
export interface StoredEntry extends Times {
  /** Nobody else's: may be handed out. */
  readonly value: unknown;
  readonly tags: TagTokens | undefined;
  /** Characters of the text. */
  readonly size: number;
}

/** What can be read of an entry without its value. */
export interface EntryHead extends Times {
  readonly form: string;
  readonly tags: TagTokens | undefined;
  /** Where the value begins. */
  readonly at: number;
}

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);
const version = "1";

// The text of an entry is a line and a value: 1j<created>,<fresh for>,<stale for>,<tags as JSON>\n<value>
// j is JSON, r is JSON with marks, and in capitals they are compressed and base64. A time without an end is empty.

/** The text of an entry. */
export async function toStoredText(
  snapshot: Snapshot,
  times: Times,
  tags: TagTokens | undefined,
  compressAbove: number,
): Promise<string> {
  const { createdAt, freshUntil, staleUntil } = times;
  const forMs = (until: number): string => (until === Infinity ? "" : String(until - createdAt));
  const line = `${createdAt},${forMs(freshUntil)},${forMs(staleUntil)},${tags ? JSON.stringify(tags) : ""}`;
  const text = toText(snapshot.value, snapshot.rich);
  const form = snapshot.rich ? "r" : "j";
  if (text.length <= compressAbove) return `${version}${form}${line}\n${text}`;
  const packed = await compress(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  const packedText = packed.toString("base64");
  return packedText.length < text.length
    ? `${version}${form.toUpperCase()}${line}\n${packedText}`
    : `${version}${form}${line}\n${text}`;
}

/** The first line of a text; `undefined` when it is none of ours. */
export function headOf(text: string): EntryHead | undefined {
  const end = text.indexOf("\n");
  if (end < 0 || text[0] !== version) return undefined;
  const first = text.indexOf(",");
  const second = text.indexOf(",", first + 1);
  const third = text.indexOf(",", second + 1);
  const createdAt = Number(text.slice(2, first));
  if (third < 0 || third > end || !Number.isFinite(createdAt)) return undefined;
  const until = (forMs: string): number => (forMs === "" ? Infinity : createdAt + Number(forMs));
  return {
    form: text[1]!,
    createdAt,
    freshUntil: until(text.slice(first + 1, second)),
    staleUntil: until(text.slice(second + 1, third)),
    tags: third + 1 === end ? undefined : (JSON.parse(text.slice(third + 1, end)) as TagTokens),
    at: end + 1,
  };
}

/** The value of a text whose head has been read: at once, unless it is compressed, when it is a promise. */
export function valueOf(text: string, { form, at }: EntryHead, maxBytes: number): unknown {
  const body = text.slice(at);
  if (form === "j" || form === "r") return fromText(body, form === "r");
  return unpacked(body, form === "R", maxBytes);
}

async function unpacked(body: string, rich: boolean, maxBytes: number): Promise<unknown> {
  const bytes = await decompress(Buffer.from(body, "base64"), {
    // a character of the text takes up to three bytes
    ...(maxBytes < 2 ** 30 && { maxOutputLength: 3 * maxBytes }),
  });
  return fromText(bytes.toString("utf8"), rich);
}
