import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs, parseEnv } from "node:util";

import { DatabaseService } from "./database-service.js";
import { createMigrationFile } from "./migrations/create-migration-file.js";
import type { PlannedMigration } from "./migrations/plan-migrations.js";

const usage = `infra-db <command> [options]

  latest                     runs every migration that is missing
  up [steps]                 runs the next one, or so many
  down [steps]               undoes the one that was applied last, or so many
  status                     every migration, and whether it has been applied
  resolve <name> <state>     after mending what an interrupted migration left: "applied" or "pending"
  seed [name...]             runs the seeds, or these
  create <name>              writes an empty migration

  --dry-run                  with latest, up and down: says what would be done, with its statements, and changes nothing
  --url <url>                the database; DATABASE_URL otherwise, also of a .env file, or pglite:./data/db
  --migrations <folder>      ./migrations
  --seeds <folder>           ./seeds
  --json                     the result as JSON
  --help                     this text

Exits with 1 when something failed, with 2 when it can't do what it is told.
`;

/** What a command reads and where it writes. */
export interface CommandSurroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface Task {
  readonly db: DatabaseService;
  readonly migrations: string;
  readonly rest: readonly string[];
  readonly dryRun: boolean;
}

/** What was done: for `--json`, and in words. */
interface Outcome {
  readonly result: unknown;
  readonly lines: readonly string[];
}

/** It was called in a way that makes no sense. */
class UsageError extends Error {}

const commands: Readonly<Record<string, (task: Task) => Promise<Outcome>>> = {
  latest: (task) => {
    noMore(task.rest);
    return migrate(task, "up", Infinity);
  },
  up: (task) => migrate(task, "up", stepsOf(task.rest)),
  down: (task) => migrate(task, "down", stepsOf(task.rest)),
  status,
  resolve: async ({ db, rest: [name, as, ...more] }) => {
    noMore(more);
    if (name === undefined || (as !== "applied" && as !== "pending")) {
      throw new UsageError('resolve wants the name of a migration, and "applied" or "pending"');
    }
    await db.migrate.resolve(name, as);
    return { result: { name, state: as }, lines: [`${name} is ${as}`] };
  },
  seed: async ({ db, rest }) => {
    const names = await db.seed.run(rest.length > 0 ? { only: rest } : {});
    return { result: names, lines: names.map((name) => `seeded ${name}`) };
  },
  create: async ({ migrations, rest: [name, ...more] }) => {
    noMore(more);
    if (name === undefined) throw new UsageError("create wants a name");
    const file = await createMigrationFile(migrations, name);
    return { result: file, lines: [file] };
  },
};

/** Runs `infra-db`. Resolves to the exit code; never rejects. */
export async function runDatabaseCommand(
  argv: readonly string[],
  { cwd, env, out, err }: CommandSurroundings,
): Promise<number> {
  try {
    const { values, command, rest } = parse(argv);
    if (values.help) {
      out(usage);
      return 0;
    }
    if (!command) {
      err(usage);
      return 2;
    }
    const file = resolve(cwd, ".env");
    const variables = { ...(existsSync(file) && parseEnv(readFileSync(file, "utf8"))), ...env };
    const url = values.url ?? variables["DATABASE_URL"];
    const migrations = resolve(cwd, values.migrations);
    await using db = new DatabaseService({
      ...(url !== undefined && { url }),
      migrations,
      seeds: resolve(cwd, values.seeds),
    });
    const { result, lines } = await command({ db, migrations, rest, dryRun: values["dry-run"] });
    out(values.json ? `${JSON.stringify(result, undefined, 2)}\n` : `${lines.join("\n")}\n`);
    return 0;
  } catch (error) {
    err(`infra-db: ${(error as Error).message}\n`);
    const { code } = error as NodeJS.ErrnoException;
    const misused = error instanceof UsageError || (code?.startsWith("ERR_PARSE_ARGS") ?? false);
    return misused ? 2 : 1;
  }
}

function parse(argv: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      url: { type: "string" },
      migrations: { type: "string", default: "migrations" },
      seeds: { type: "string", default: "seeds" },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  const [name = "", ...rest] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (values["dry-run"] && !["latest", "up", "down"].includes(name)) {
    throw new UsageError("--dry-run goes with latest, up and down");
  }
  return { values, command, rest };
}

async function migrate(
  { db, dryRun }: Task,
  direction: "up" | "down",
  steps: number,
): Promise<Outcome> {
  if (dryRun) {
    const plan = await db.migrate.plan({ direction, steps });
    const lines = plan.flatMap((step) => planLines(step));
    return { result: plan, lines: lines.length > 0 ? lines : ["nothing to do"] };
  }
  const names = await db.migrate[direction]({ steps });
  const word = direction === "up" ? "applied" : "undone";
  const lines = names.map((name) => `${word} ${name}`);
  return { result: names, lines: lines.length > 0 ? lines : ["nothing to do"] };
}

function planLines({ name, direction, statements }: PlannedMigration): readonly string[] {
  const shown = statements?.map((sql) => `  ${sql};`) ?? ["  (can't be tried without being done)"];
  return [`would go ${direction}: ${name}`, ...shown];
}

async function status({ db, rest }: Task): Promise<Outcome> {
  noMore(rest);
  const result = await db.migrate.status();
  const width = Math.max(0, ...result.map(({ name }) => name.length));
  const lines = result.map(({ name, state, appliedAt }) =>
    `${name.padEnd(width)}  ${state.padEnd(11)}  ${appliedAt?.toISOString() ?? ""}`.trimEnd(),
  );
  return { result, lines: lines.length > 0 ? lines : ["there are no migrations"] };
}

function stepsOf([text = "1", ...more]: readonly string[]): number {
  noMore(more);
  const steps = Number(text);
  if (!Number.isInteger(steps) || steps < 1) {
    throw new UsageError(`steps must be a whole number above 0, got ${JSON.stringify(text)}`);
  }
  return steps;
}

function noMore([first]: readonly string[]): void {
  if (first !== undefined) throw new UsageError(`${JSON.stringify(first)} is one word too many`);
}
