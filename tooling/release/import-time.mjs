import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The median time in milliseconds that importing takes in a process of its own, from a file as an application does.
 * Above `ceilingMs` it is measured again, up to five times, and the lowest median counts: other load on the machine
 * only ever adds.
 */
export async function importTimeMs(name, folder, run, ceilingMs = Infinity) {
  const program = `const start = performance.now();
await import(${JSON.stringify(name)});
console.log(performance.now() - start);
`;
  writeFileSync(join(folder, "import-time.mjs"), program);
  let lowest = Infinity;
  for (let attempt = 0; attempt < 5 && (attempt === 0 || lowest > ceilingMs); attempt += 1) {
    lowest = Math.min(lowest, await medianMs(folder, run));
  }
  return lowest;
}

async function medianMs(folder, run) {
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    const { stdout } = await run(process.execPath, ["import-time.mjs"], {
      cwd: folder,
      timeoutMs: 30_000,
    });
    times.push(Number(stdout));
  }
  return times.toSorted((a, b) => a - b)[2];
}
