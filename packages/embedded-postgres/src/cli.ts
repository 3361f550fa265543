#!/usr/bin/env node
import { parseArgs } from "node:util";

import { EmbeddedPostgres } from "./embedded-postgres.js";

const usage = `infra-postgres <directory>

Serves the database in a directory to other programs on this machine, until it is stopped with Ctrl-C. A directory
that has none gets a new one.

  --no-fsync   commits survive this program, not a power failure
  --help       this text
`;

/** Serves until a signal comes. Returns the exit code. */
async function serve(directory: string, durability: "fsync" | "none"): Promise<number> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, resolve);
  });
  // the thread that serves does not keep the process alive by itself
  const alive = setInterval(() => {}, 60_000);
  try {
    await using server = await EmbeddedPostgres.open({
      directory,
      durability,
      onProgress: ({ message }) => process.stderr.write(`${message} …\n`),
    });
    const host = encodeURIComponent(server.socketDirectory!);
    process.stdout.write(`PostgreSQL ${server.version} on ${server.directory}\n`);
    process.stdout.write(`psql "postgresql://postgres@/postgres?host=${host}"\n`);
    await stopped;
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    clearInterval(alive);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { "no-fsync": { type: "boolean" }, help: { type: "boolean", short: "h" } },
    allowPositionals: true,
    strict: false,
  });
  if (values["help"]) {
    process.stdout.write(usage);
    return 0;
  }
  if (positionals.length !== 1) {
    process.stderr.write(usage);
    return 2;
  }
  return serve(positionals[0]!, values["no-fsync"] ? "none" : "fsync");
}

process.exitCode = await main();
