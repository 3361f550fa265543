import {
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Duration,
  type Setting,
  type SettingFormat,
} from "@infra/interfaces";

interface FormatReader {
  /** Completes the sentence "must be …". */
  expected(setting: Setting): string;
  /** A value as the program sees it; `undefined` when it is not of this format. */
  read(value: unknown, setting: Setting): unknown;
  /** The same from text, where text is written otherwise than in a file: defaults to `read`. */
  readText?(text: string, setting: Setting): unknown;
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

const string = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

const integer = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) ? (value as number) : undefined;

const port = (value: unknown): number | undefined => {
  const whole = integer(value);
  return whole !== undefined && whole >= 0 && whole <= 65_535 ? whole : undefined;
};

// the whole text has to be the number: parseInt would make 80 of "80a"
const numberIn = (text: string): number | undefined =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? number(Number(text)) : undefined;

const wholeIn = (text: string): number | undefined =>
  /^[+-]?\d+$/.test(text) ? integer(Number(text)) : undefined;

/** Reads what may be a number with a unit, by one of the parsers of `@infra/interfaces`. */
const measure =
  <T>(parse: (value: T) => number) =>
  (value: unknown): number | undefined => {
    if (typeof value !== "number" && typeof value !== "string") return undefined;
    const bare = typeof value === "string" ? wholeIn(value) : undefined;
    try {
      return parse((bare ?? value) as T);
    } catch {
      return undefined;
    }
  };

const readers: Readonly<Record<SettingFormat, FormatReader>> = {
  string: { expected: () => "a string", read: string },
  boolean: {
    expected: () => "true or false",
    read: (value) => (typeof value === "boolean" ? value : undefined),
    readText: (text) => {
      const word = text.toLowerCase();
      return Object.hasOwn(words, word) ? words[word] : undefined;
    },
  },
  integer: { expected: () => "a whole number", read: integer, readText: wholeIn },
  number: { expected: () => "a number", read: number, readText: numberIn },
  port: {
    expected: () => "a port (0 to 65535)",
    read: port,
    readText: (text) => port(wholeIn(text)),
  },
  duration: {
    expected: () => 'milliseconds or a duration such as "30s", "5m", "2h"',
    read: measure<Duration>(toMilliseconds),
  },
  bytes: {
    expected: () => 'bytes or a size such as "64kb", "10mb"',
    read: measure<ByteSize>(toBytes),
  },
  url: {
    expected: () => "an absolute URL",
    read: (value) => (typeof value === "string" && URL.canParse(value) ? value : undefined),
  },
  "database-url": {
    expected: () => "a URL that begins with postgres:, mysql:, sqlite: or pglite:",
    read: (value) =>
      typeof value === "string" && /^(postgres|postgresql|mysql|sqlite|pglite):./.test(value)
        ? value
        : undefined,
  },
  enum: {
    expected: ({ values = [] }) =>
      `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
    read: (value, { values = [] }) => values.find((each) => each === value),
  },
  list: {
    expected: () => "a list of strings (comma-separated in the environment)",
    read: (value) =>
      Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined,
    readText: (text) =>
      text
        .split(",")
        .map((each) => each.trim())
        .filter((each) => each !== ""),
  },
  json: {
    expected: () => "JSON",
    read: (value) => value,
    readText: (text) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return undefined;
      }
    },
  },
};

/** A value as the program sees it; `undefined` when it is not of the setting's format. */
export function readSetting(setting: Setting, value: unknown, isText: boolean): unknown {
  const reader = readers[setting.format];
  return isText && reader.readText
    ? reader.readText((value as string).trim(), setting)
    : reader.read(value, setting);
}

/** What a setting expects, to complete the sentence "must be …". */
export function expectedOf(setting: Setting): string {
  return readers[setting.format].expected(setting);
}
