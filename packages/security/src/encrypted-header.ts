import { randomBytes } from "node:crypto";

import type { AeadAlgorithm } from "./aead.js";

/** What stands in the clear, and authenticated, before what is encrypted. */
export interface EncryptedHeader {
  readonly algorithm: AeadAlgorithm;
  readonly keyId: string;
  /** Until when it decrypts, in milliseconds since the epoch; `undefined` for ever. */
  readonly expiresAtMs: number | undefined;
}

/** The first byte: what follows, and how it is encrypted. */
const formats = {
  value: { "aes-256-gcm": 0x01, "chacha20-poly1305": 0x02 },
  stream: { "aes-256-gcm": 0x11, "chacha20-poly1305": 0x12 },
} as const;

/** The longest header: format, length of the id, id, expiry. */
export const longestHeader = 1 + 1 + 64 + 6;

/** Format, length of the key's id, the id, and the expiry as 48 bits, zero for none. */
export function writeHeader(kind: keyof typeof formats, header: EncryptedHeader): Buffer {
  const id = Buffer.from(header.keyId, "latin1");
  const bytes = Buffer.alloc(2 + id.length + 6);
  bytes[0] = formats[kind][header.algorithm];
  bytes[1] = id.length;
  id.copy(bytes, 2);
  bytes.writeUIntBE(header.expiresAtMs ?? 0, 2 + id.length, 6);
  return bytes;
}

/** How many random bytes follow the header of a value: the salt of its key, and its nonce. */
export const saltLength = 16;
export const nonceLength = 12;

/** The head of a new value: header, salt and nonce, the last two random. */
export function writeHead(header: EncryptedHeader): Buffer {
  return Buffer.concat([writeHeader("value", header), randomBytes(saltLength + nonceLength)]);
}

/** The header and its length; `undefined` when the bytes do not begin with a whole one. */
export function readHeader(
  kind: keyof typeof formats,
  bytes: Buffer,
): { readonly header: EncryptedHeader; readonly length: number } | undefined {
  const algorithm = (Object.keys(formats[kind]) as AeadAlgorithm[]).find(
    (each) => formats[kind][each] === bytes[0],
  );
  const idLength = bytes[1] ?? 0;
  const length = 2 + idLength + 6;
  if (!algorithm || idLength === 0 || bytes.length < length) return undefined;
  const expiry = bytes.readUIntBE(2 + idLength, 6);
  return {
    length,
    header: {
      algorithm,
      keyId: bytes.toString("latin1", 2, 2 + idLength),
      expiresAtMs: expiry || undefined,
    },
  };
}
