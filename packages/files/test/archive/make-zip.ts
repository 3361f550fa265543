import { crc32, deflateRawSync } from "node:zlib";

/** One entry of {@link makeZip}; what is left out is as an honest tool would write it. */
export interface ZipEntry {
  readonly name: string;
  readonly data?: string | Uint8Array;
  /** The Unix mode, type included. */
  readonly mode?: number;
  readonly isEncrypted?: boolean;
  /** What the headers claim the content's length to be. */
  readonly claimedSize?: number;
  /** Points at the content of an earlier entry, and adds none. */
  readonly overlaps?: number;
}

/** A ZIP file, with the lies that were asked for. */
export function makeZip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? "");
    const packed = deflateRawSync(data, { level: 9 });
    const name = Buffer.from(entry.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(entry.isEncrypted ? 0x801 : 0x800, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt16LE(0x21, 8);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(entry.claimedSize ?? data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    offsets.push(entry.overlaps === undefined ? offset : offsets[entry.overlaps]!);
    const head = Buffer.alloc(20);
    head.writeUInt16LE(0, 0);
    head.writeUInt32LE((((entry.mode ?? 0o100644) << 16) >>> 0) % 2 ** 32, 6);
    head.writeUInt32LE(offsets.at(-1)!, 10);
    directory.push(
      Buffer.concat([
        Buffer.from("PK\x01\x02\x14\x03", "latin1"),
        fields,
        head.subarray(0, 14),
        name,
      ]),
    );
    if (entry.overlaps !== undefined) continue;
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, name, packed]);
    parts.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  const central = Buffer.concat(directory);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
