import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { EmbeddedPostgres } from "@infra/embedded-postgres";
import { Pool } from "pg";

export const title = "embedded-postgres: SIGKILL under write load loses no acknowledged row";

const program = join(import.meta.dirname, "..", "programs", "embedded-writers.mjs");

export async function run({ short }) {
  const kills = short ? 3 : 50;
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  const directory = join(folder, "db");
  const acknowledged = new Set();
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      // not at the same point of the writers' work each time
      const rows = await writeUntilKilled(directory, 20 + ((37 * kill) % 80), (7 * kill) % 30);
      for (const row of rows) acknowledged.add(row);
    }
    const stored = await storedRows(directory);
    const missing = [...acknowledged].filter((row) => !stored.has(row)).length;
    return {
      ok: missing === 0,
      seen: `${kills} kills, ${acknowledged.size} rows acknowledged, ${missing} missing`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves to the rows that were acknowledged until the kill, which comes `forMs` after so many of them. */
async function writeUntilKilled(directory, count, forMs) {
  const child = spawn(process.execPath, [program, directory], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  const wrote = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      if (output.split("\n").length - 2 >= count) resolve();
    });
  });
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const closed = once(child, "close");
  await Promise.race([wrote, closed]);
  await Promise.race([sleep(forMs), closed]);
  child.kill("SIGKILL");
  const [code, signal] = await closed;
  if (signal !== "SIGKILL") throw new Error(`the writers ended with ${code}:\n${errors}`);
  // the kill may have cut off the last line
  return output.split("\n").slice(1, -1).map(Number);
}

async function storedRows(directory) {
  const server = await EmbeddedPostgres.open({ directory });
  const pool = new Pool(server.pgConfig());
  try {
    const { rows } = await pool.query("select n::int from written");
    return new Set(rows.map(({ n }) => n));
  } finally {
    await pool.end();
    await server.close();
  }
}
