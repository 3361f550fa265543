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
  const iso = isoDuration.exec(trimmed);
  if (iso && /\d/.test(trimmed)) {
    const factors = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];
    return iso.slice(1).reduce((sum, count, at) => sum + Number(count ?? 0) * factors[at]!, 0);
  }
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/gi)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== trimmed) {
    throw new RangeError(
      `parseDuration: text must be such as "1h 30m", "2 days" or "PT1H30M", got ${JSON.stringify(text)}`,
    );
  }
  return parts.reduce((sum, [, count, unit]) => {
    const lower = unit!.toLowerCase();
    const short = words[lower] ?? words[lower.replace(/s$/, "")] ?? lower;
    return sum + toMilliseconds(`${count}${short}` as Duration, "parseDuration: text");
  }, 0);
}
