import { crc32 } from "node:zlib";

import type { JournalRecord } from "./queue-journal.js";

/** A record as a line: `<crc32 of the rest> <JSON in ASCII>`, so that a line that was cut off or damaged is known. */
export function toJournalLine(record: JournalRecord): string {
  const json = JSON.stringify(record).replaceAll(
    /[\u007F-\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${checksumOf(json)} ${json}\n`;
}

/** The record of a line with its end; `undefined` for one that is damaged, cut off or empty. */
export function fromJournalLine(line: string): JournalRecord | undefined {
  const json = line.slice(9, -1);
  const isWhole = line.endsWith("\n") && line.startsWith(`${checksumOf(json)} `);
  return isWhole ? (JSON.parse(json) as JournalRecord) : undefined;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
