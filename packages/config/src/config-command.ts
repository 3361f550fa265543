import { parseArgs } from "node:util";

import type { ConfigSection } from "@infra/interfaces";

import { alignedLines } from "./aligned-lines.js";
import { ConfigService, type Explanation } from "./config-service.js";
import { configSchema, envExample, settingsTable } from "./describe-sections.js";
import { ConfigError } from "./errors.js";
import { importSections } from "./import-sections.js";
import { mistakeLines, type Mistake } from "./mistake.js";

const usage = `infra-config <command> <module>... [options] [-- <arguments>]

A module is a file or a package that exports sections (defineSection): ./src/sections.ts, @infra/server.

  check         lists everything that is wrong with the configuration; exits with 1 if anything is
  explain       every setting, its value, the layer that set it and the layers that this one outdid
  env-example   a .env.example
  docs          a Markdown table of the settings; with --json a JSON Schema of the files in config/

  --env <name>       NODE_ENV, in place of the real one
  --cwd <folder>     the folder with .env and config/, from which the modules are named
  --setting <path>   explain only this one; can be repeated
  --json             the result as JSON
  --help             this text

What stands behind -- is read as the command line of the program. Exits with 2 when it can't do what it is told.
`;

/** What a command reads and where it writes. */
export interface CommandSurroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface Task {
  readonly sections: readonly ConfigSection[];
  readonly settings: readonly string[];
  readonly json: boolean;
  /** Reads the layers, and checks these sections at once. */
  readonly read: (sections?: readonly ConfigSection[]) => ConfigService;
  /** What `read` warned of. */
  readonly warnings: readonly string[];
}

/** Lines to print, and the exit code. */
type Outcome = readonly [text: string, exitCode: number];

const commands: Readonly<Record<string, (task: Task) => Outcome>> = {
  check,
  explain,
  "env-example": ({ sections }) => [envExample(sections).trimEnd(), 0],
  docs: ({ sections, json }) => [
    json ? inJson(configSchema(sections)) : settingsTable(sections),
    0,
  ],
};

/** Runs `infra-config`. Resolves to the exit code; never rejects. */
export async function runConfigCommand(
  argv: readonly string[],
  { cwd: here, env, out, err }: CommandSurroundings,
): Promise<number> {
  try {
    const { command, modules, rest, values } = parse(argv);
    if (values.help) {
      out(usage);
      return 0;
    }
    if (command === undefined || modules.length === 0) {
      err(usage);
      return 2;
    }
    const cwd = values.cwd ?? here;
    const found: ConfigSection[] = [];
    for (const name of modules) found.push(...(await importSections(name, cwd)));
    const warnings: string[] = [];
    const [text, exitCode] = command({
      sections: [...new Set(found)],
      settings: values.setting ?? [],
      json: values.json ?? false,
      warnings,
      read: (sections = []) =>
        new ConfigService({
          sections,
          cwd,
          env: values.env === undefined ? env : { ...env, NODE_ENV: values.env },
          argv: rest,
          onWarning: (warning) => void warnings.push(warning),
        }),
    });
    out(`${text}\n`);
    return exitCode;
  } catch (error) {
    err(`infra-config: ${(error as Error).message}\n`);
    return ConfigError.is(error) ? 1 : 2;
  }
}

function parse(argv: readonly string[]) {
  const end = argv.indexOf("--");
  const { values, positionals } = parseArgs({
    args: end < 0 ? [...argv] : argv.slice(0, end),
    allowPositionals: true,
    options: {
      env: { type: "string" },
      cwd: { type: "string" },
      setting: { type: "string", multiple: true },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [name = "", ...modules] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return { values, command, modules, rest: end < 0 ? [] : argv.slice(end + 1) };
}

function check({ sections, read, json, warnings }: Task): Outcome {
  const mistakes = mistakesOf(() => read(sections));
  const exitCode = mistakes.length > 0 ? 1 : 0;
  if (json) return [inJson({ mistakes, warnings }), exitCode];
  const settings = sections.reduce((sum, each) => sum + Object.keys(each.settings).length, 0);
  const checked = `${counted(settings, "setting")} in ${counted(sections.length, "section")}`;
  const verdict = mistakes.length > 0 ? counted(mistakes.length, "mistake") : "nothing wrong";
  const lines = [
    `${checked}: ${verdict}`,
    ...mistakeLines(mistakes).map((line) => `  ${line}`),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
  return [lines.join("\n"), exitCode];
}

function explain({ sections, settings, read, json }: Task): Outcome {
  const config = read();
  config.check(sections);
  const paths = sections.flatMap(({ name, settings: all }) =>
    Object.keys(all).map((key) => `${name}.${key}`),
  );
  const explanations = (settings.length > 0 ? settings : paths).map((path) => config.explain(path));
  const text = json ? inJson(explanations) : alignedLines(explanations.map(explained)).join("\n");
  return [text, 0];
}

function explained({ path, value, problem, origin, outdone }: Explanation): string[] {
  const over = outdone.map(({ source }) => source).join(", ");
  const notes = [over && `over ${over}`, problem].filter(Boolean).join("; ");
  return [path, value ?? "not set", origin?.source ?? "", notes];
}

function mistakesOf(read: () => ConfigService): readonly Mistake[] {
  try {
    read();
    return [];
  } catch (error) {
    if (ConfigError.is(error)) return error.details.mistakes;
    throw error;
  }
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function inJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
