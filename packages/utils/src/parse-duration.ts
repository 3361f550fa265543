import { toMilliseconds, type Duration } from "@infra/interfaces";

const isoDuration =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

const words: Readonly<Record<string, string>> = {
  millisecond: "ms",
  second: "s",
  sec: "s",
  minute: "m",
  min: "m",
  hour: "h",
  hr: "h",
  day: "d",
  week: "w",
};

/**
 * A length of time that a person wrote, in milliseconds: what options of the type `Duration` take, several units
 * (`1h 30m`), words (`2 days`), and ISO 8601 without months and years (`PT1H30M`).
 *
 * @throws RangeError when it is none of these.
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  const parts = isoParts(trimmed) ?? spokenParts(trimmed);
  if (parts.length === 0) {
    throw new RangeError(
      `parseDuration: text must be such as "1h 30m", "2 days" or "PT1H30M", got ${JSON.stringify(text)}`,
    );
  }
  const durations = parts.map((part) => toMilliseconds(part as Duration, "parseDuration: text"));
  // to the microsecond, as each of them is
  return Number(durations.reduce((sum, each) => sum + each, 0).toFixed(3));
}

/** `PT1H30M` gives `1h` and `30m`; `undefined` when it is not ISO 8601. */
function isoParts(text: string): string[] | undefined {
  const counts = isoDuration.exec(text)?.slice(1);
  return counts?.flatMap((count, at) => (count === undefined ? [] : `${count}${"wdhms"[at]}`));
}

/** `1 hour, 30 min` gives `1h` and `30m`; nothing when not all of it can be read. */
function spokenParts(text: string): string[] {
  // sticky: from one part to the next, so that a long text is read once
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/giy)];
  if (parts.map(([all]) => all).join("") !== text) return [];
  return parts.map(([, count, unit]) => {
    const lower = unit!.toLowerCase();
    return `${count}${words[lower] ?? words[lower.replace(/s$/, "")] ?? lower}`;
  });
}
