const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** A moment in words, "3 hours ago" or "in 7 days", with the exact one as its title. */
export function Ago({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={exact.format(new Date(at))}>
      {inWords(Date.parse(at) - Date.now())}
    </time>
  );
}

export function inWords(fromNowMs: number): string {
  const seconds = fromNowMs / 1000;
  const found = units.find(([, size]) => Math.abs(seconds) >= size * 0.95);
  return found ? relative.format(Math.round(seconds / found[1]), found[0]) : "just now";
}
