#!/usr/bin/env node
import { open, rename, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { EmbeddedPostgres } from "./embedded-postgres.js";
import { DataDirectory } from "./engine/data-directory.js";
import type { EmbeddedPostgresOptions } from "./options.js";

const usage = `infra-postgres <directory>
infra-postgres dump <directory> [file] [-- switches of pg_dump]
infra-postgres restore <directory> [file]

The first serves the database in a directory to other programs on this machine, until it is stopped with Ctrl-C. A
directory that has none gets a new one. dump writes the database as SQL, to the terminal or to a file; it needs the
package @electric-sql/pglite-tools. restore runs such SQL, of any pg_dump in plain format, from a file or from what is
piped in, on a new or empty database: all of it or nothing.

  --extension <name>   one that the database uses, such as pg_trgm; may be given more than once
  --no-fsync           commits survive this program, not a power failure
  --help               this text
`;

type Options = EmbeddedPostgresOptions & { readonly directory: string };

/** Serves until a signal comes. */
async function serve(options: Options): Promise<void> {
  const stopped = new Promise<void>((resolved) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, resolved);
  });
  // the thread that serves does not keep the process alive by itself
  const alive = setInterval(() => {}, 60_000);
  try {
    await using server = await EmbeddedPostgres.open(options);
    const host = encodeURIComponent(server.socketDirectory!);
    process.stdout.write(`PostgreSQL ${server.version} on ${server.directory}\n`);
    process.stdout.write(`psql "postgresql://postgres@/postgres?host=${host}"\n`);
    await stopped;
  } finally {
    clearInterval(alive);
  }
}

async function dump(options: Options, file: string | undefined, args: string[]): Promise<void> {
  if (!new DataDirectory(resolve(options.directory)).exists()) {
    throw new Error(`There is no database in ${options.directory}`);
  }
  await using server = await EmbeddedPostgres.open(options);
  const sql = await server.dump({ args });
  if (file === undefined) process.stdout.write(sql);
  else {
    // what was there before stays until the new one is whole
    await writeFile(`${file}.tmp`, sql, { flush: true });
    await rename(`${file}.tmp`, file);
  }
}

async function restore(options: Options, file: string | undefined): Promise<void> {
  // before anything is made in the directory
  const script = file === undefined ? process.stdin : (await open(file)).createReadStream();
  await using server = await EmbeddedPostgres.open(options);
  await server.restore(script);
}

/** Returns the exit code. */
async function main(words: string[]): Promise<number> {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  let parsed;
  try {
    parsed = parseArgs({
      args: words.slice(0, end),
      options: {
        extension: { type: "string", multiple: true, default: [] },
        "no-fsync": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [first, second, third] = positionals;
  const command =
    second !== undefined && (first === "dump" || first === "restore") ? first : "serve";
  const directory = command === "serve" ? first : second;
  const most = command === "serve" ? 1 : 3;
  if (directory === undefined || positionals.length > most) {
    process.stderr.write(usage);
    return 2;
  }
  const options: Options = {
    directory,
    durability: values["no-fsync"] ? "none" : "fsync",
    extensions: values.extension,
    onProgress: ({ message }) => process.stderr.write(`${message} …\n`),
  };
  try {
    if (command === "dump") await dump(options, third, words.slice(end + 1));
    else if (command === "restore") await restore(options, third);
    else await serve(options);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
