/** The types of the messages that this package reads or writes, by the first byte. */
export const messageType = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  bind: 0x42, // B
  close: 0x43, // C, from the client
  commandComplete: 0x43, // C, from the server
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyFail: 0x66, // f
  copyInResponse: 0x47, // G
  dataRow: 0x44, // D, from the server
  describe: 0x44, // D, from the client
  errorResponse: 0x45, // E, from the server
  execute: 0x45, // E, from the client
  flush: 0x48, // H
  functionCall: 0x46, // F
  negotiateVersion: 0x76, // v
  notification: 0x41, // A
  parameterStatus: 0x53, // S, from the server
  parse: 0x50, // P
  query: 0x51, // Q
  readyForQuery: 0x5a, // Z
  sync: 0x53, // S, from the client
  terminate: 0x58, // X
} as const;

const empty = Buffer.alloc(0);

/** A message: type, length, body. */
export function frame(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = parts.length === 0 ? empty : parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  const bytes = Buffer.allocUnsafe(body.length + 5);
  bytes[0] = type;
  bytes.writeInt32BE(body.length + 4, 1);
  body.copy(bytes, 5);
  return bytes;
}

/** Where the message that begins at `start` ends. */
export function frameEnd(bytes: Buffer, start: number): number {
  return start + 1 + bytes.readInt32BE(start + 1);
}

/** A string with the zero byte that ends it. */
export function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** The string that begins at `start`, without its zero byte. */
export function readCstring(bytes: Buffer, start: number): string {
  return bytes.toString("utf8", start, bytes.indexOf(0, start));
}

/** A number in four bytes. */
export function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
