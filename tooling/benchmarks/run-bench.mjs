// A benchmark is bench/NAME.mjs, which exports
//   title        what is measured
//   unit         of a measurement
//   packages     the workspace packages that it needs built
//   versions     () => what the table names beside Node.js, for instance { fastify: "5.12.8" }
//   contestants  [{ name, group, answer, measure }]: `answer()` resolves to the work it does, the same throughout a group;
//                `measure()` resolves to { value, note }
//   bars         [{ contestant, against, least }]: the least that contestant / against may be; or
//                [{ contestant, against, mostBeyond }]: the most that contestant - against may be
import { isDeepStrictEqual } from "node:util";

import { median, spread, verdict } from "./statistics.mjs";
import { table } from "./table.mjs";

/** Below so many rounds there is no verdict. */
const leastRounds = 5;

/**
 * Measures, prints, and resolves to `{ versions, bars }`, each bar `{ what, measured, seen, noise, wanted, verdict }`, all
 * but the versions as text; the verdict is "pass", "draw", "miss", or says why there is none.
 */
export async function runBench(bench, rounds) {
  await checkAnswers(bench.contestants);
  const results = new Map(bench.contestants.map((each) => [each.name, []]));
  const notes = new Map();
  for (let round = 0; round < rounds; round += 1) {
    // each round begins with another one, so that nobody always comes after the same
    const shift = round % bench.contestants.length;
    const order = [...bench.contestants.slice(shift), ...bench.contestants.slice(0, shift)];
    for (const contestant of order) {
      const { value, note } = await contestant.measure();
      results.get(contestant.name).push(value);
      if (note) notes.set(contestant.name, [...(notes.get(contestant.name) ?? []), note]);
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  const versions = { node: process.versions.node, ...bench.versions() };
  printMeasurements(bench, results, notes, versions, rounds);
  const bars = bench.bars.map((bar) => hold(bar, results, bench.unit, rounds));
  console.log();
  table([["bar", "seen", "wanted", "verdict"], ...bars.map(barCells)]);
  return { versions, bars };
}

/** A bar as cells: what was held against what, seen, wanted, verdict. */
export function barCells({ what, seen, noise, wanted, verdict: found }) {
  return [what, `${seen} ± ${noise}`, wanted, found];
}

async function checkAnswers(contestants) {
  const groups = new Map();
  for (const contestant of contestants) {
    const answer = await contestant.answer();
    const first = groups.get(contestant.group) ?? { contestant, answer };
    groups.set(contestant.group, first);
    if (!isDeepStrictEqual(answer, first.answer)) {
      console.error({ [first.contestant.name]: first.answer, [contestant.name]: answer });
      throw new Error(`${contestant.name} does not do what ${first.contestant.name} does`);
    }
  }
}

function printMeasurements(bench, results, notes, versions, rounds) {
  const named = Object.entries(versions).map(([key, version]) => `${key} ${version}`);
  console.log(`${bench.title}\n${named.join(", ")}; ${rounds} interleaved rounds\n`);
  const rows = bench.contestants.map(({ name }) => {
    const measured = results.get(name);
    return [
      name,
      number(median(measured)),
      `± ${((100 * spread(measured)) / median(measured)).toFixed(1)} %`,
      summary(notes.get(name) ?? []),
    ];
  });
  table([["contestant", bench.unit, "spread", ""], ...rows]);
}

/** What was held against what, and what came of it. */
function hold({ contestant, against, least, mostBeyond }, results, unit, rounds) {
  const differs = mostBeyond !== undefined;
  const seen = results.get(contestant).map((value, round) => {
    const other = results.get(against)[round];
    return differs ? value - other : value / other;
  });
  const missed = differs ? median(seen) - mostBeyond : least - median(seen);
  const digits = differs ? 1 : 3;
  const measured = [contestant, against].map((name) => number(median(results.get(name))));
  return {
    what: `${contestant} ${differs ? "-" : "/"} ${against}`,
    measured: `${measured.join(differs ? " - " : " / ")} ${unit}`,
    seen: median(seen).toFixed(digits),
    noise: spread(seen).toFixed(digits),
    wanted: differs ? `at most ${mostBeyond} ${unit}` : `at least ${least.toFixed(2)}`,
    verdict:
      rounds < leastRounds
        ? `no verdict below ${leastRounds} rounds`
        : verdict(missed, spread(seen)),
  };
}

function number(value) {
  return value < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString("en");
}

/** `{ "µs of CPU": 12.3 }` of each round, as the medians. */
function summary(each) {
  return Object.keys(each[0] ?? {})
    .map((key) => `${median(each.map((note) => note[key])).toFixed(1)} ${key}`)
    .join(", ");
}
