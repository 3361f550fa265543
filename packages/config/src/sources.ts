import { resolve } from "node:path";
import { parseArgs, type ParseArgsConfig } from "node:util";

import { Secret, type ConfigSection, type Setting } from "@infra/interfaces";

import { isTree, readConfigFiles, type ConfigFile } from "./config-files.js";
import { readEnvFiles, type EnvFile } from "./env-files.js";
import { expandVariables } from "./expand-variables.js";
import type { Mistake } from "./mistake.js";
import type { ConfigLayer, Origin } from "./origin.js";
import { readTextFile } from "./read-text-file.js";

/** Values by section and setting; a `Secret` or the bare value. */
export type ConfigOverrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A value that a layer has for a setting. */
export interface Candidate {
  readonly origin: Origin;
  readonly value: unknown;
  /** Whether the value was written as text, as in the environment. */
  readonly isText: boolean;
  /** Why there is no value after all. */
  readonly problem?: string;
}

/** What the command line says, by flag. */
export type Flags = Readonly<Record<string, unknown>>;

type Variables = Readonly<Record<string, string | undefined>>;

/** Every layer as it was read, once; nothing is interpreted before a section asks for it. */
export class Sources {
  readonly environment: string;
  readonly files: readonly ConfigFile[];
  readonly #cwd: string;
  readonly #env: Variables;
  readonly #envFiles: readonly EnvFile[];
  readonly #argv: readonly string[];
  readonly #overrides: ConfigOverrides;

  constructor(
    from: {
      readonly cwd: string;
      readonly env: Variables;
      readonly argv: readonly string[];
      readonly overrides: ConfigOverrides;
    },
    mistakes: Mistake[],
  ) {
    this.#cwd = from.cwd;
    this.#env = from.env;
    this.#argv = from.argv;
    this.#overrides = from.overrides;
    const { environment, files } = readEnvFiles(from.cwd, from.env["NODE_ENV"], mistakes);
    this.environment = environment;
    this.#envFiles = files;
    this.files = readConfigFiles(from.cwd, environment, mistakes);
  }

  /** What the command line says about a section. */
  flags(section: ConfigSection): Flags {
    const options: NonNullable<ParseArgsConfig["options"]> = {};
    for (const { arg, format } of Object.values<Setting>(section.settings)) {
      if (arg !== undefined) options[arg] = { type: format === "boolean" ? "boolean" : "string" };
    }
    if (Object.keys(options).length === 0 || this.#argv.length === 0) return {};
    // not strict: the command line also holds what is not configuration
    const config = { args: [...this.#argv], options, strict: false, allowNegative: true };
    return parseArgs(config).values;
  }

  /** Every layer's value for a setting, the strongest first. */
  *candidates(
    section: ConfigSection,
    key: string,
    setting: Setting,
    flags: Flags,
  ): Generator<Candidate, void> {
    const override = ownValue(this.overridesOf(section), key);
    if (override !== undefined) {
      const origin: Origin = { layer: "overrides", source: "overrides" };
      yield { origin, value: Secret.reveal(override), isText: false };
    }
    if (setting.arg !== undefined && flags[setting.arg] !== undefined) {
      const value = flags[setting.arg];
      const origin: Origin = { layer: "arguments", source: `--${setting.arg}` };
      yield { origin, value, isText: typeof value === "string" };
    }
    if (setting.env !== undefined) {
      yield* this.#variable(setting.env, section, this.#env);
      for (const file of this.#envFiles) {
        yield* this.#variable(setting.env, section, file.variables, file.name);
      }
    }
    for (const { name, tree } of this.files) {
      const value = ownValue(ownValue(tree, section.name), key);
      if (value !== undefined) yield this.#fromFile(name, value);
    }
    if (setting.default !== undefined) {
      const origin: Origin = { layer: "default", source: "default" };
      yield { origin, value: setting.default, isText: false };
    }
  }

  /** The overrides of a section. */
  overridesOf(section: ConfigSection): unknown {
    return ownValue(this.#overrides, section.name);
  }

  /** A variable, or the content of the file that `<name>_FILE` names; an empty one counts as not set. */
  *#variable(
    name: string,
    section: ConfigSection,
    variables: Variables,
    envFile?: string,
  ): Generator<Candidate, void> {
    const fileVariable = `${name}_FILE`;
    const text = variables[name];
    let file = variables[fileVariable];
    if (!text && !file) return;
    // a setting may have that very variable
    if (Object.values<Setting>(section.settings).some(({ env }) => env === fileVariable)) {
      file = undefined;
    }
    const layer: ConfigLayer = envFile === undefined ? "environment" : "dotenv";
    const originOf = (variable: string): Origin => ({
      layer,
      source: `${variable} in ${envFile ?? "the environment"}`,
    });
    if (text) {
      const problem = file ? `is ambiguous: ${fileVariable} is set as well` : undefined;
      yield this.#text(originOf(name), text, layer === "dotenv", problem);
    }
    if (file) {
      const origin = originOf(fileVariable);
      const failures: Mistake[] = [];
      const path = this.#text(origin, file, layer === "dotenv");
      const content = path.problem
        ? undefined
        : readTextFile(resolve(this.#cwd, path.value as string), name, failures);
      const problem =
        path.problem ??
        failures[0]?.problem ??
        (content === undefined ? "names no file" : undefined);
      const value = content?.replace(/\r?\n$/, "");
      yield { origin, value, isText: true, ...(problem !== undefined && { problem }) };
    }
  }

  #text(origin: Origin, text: string, raw: boolean, problem?: string): Candidate {
    if (problem !== undefined) return { origin, value: undefined, isText: true, problem };
    const expansion = raw ? expandVariables(text, this.#lookup) : { text };
    return expansion.problem === undefined
      ? { origin, value: expansion.text, isText: true }
      : { origin, value: undefined, isText: true, problem: expansion.problem };
  }

  #fromFile(name: string, value: unknown): Candidate {
    const origin: Origin = { layer: "file", source: name };
    const problems: string[] = [];
    const expand = (at: unknown): unknown => {
      if (typeof at === "string") {
        const expansion = expandVariables(at, this.#lookup);
        if (expansion.problem === undefined) return expansion.text;
        problems.push(expansion.problem);
        return undefined;
      }
      if (Array.isArray(at)) return at.map(expand);
      if (!isTree(at)) return at;
      return Object.fromEntries(Object.entries(at).map(([key, each]) => [key, expand(each)]));
    };
    const expanded = expand(value);
    // a reference is text, whatever it stands for: "${PORT}" is a port
    const isText = typeof value === "string" && value !== expanded;
    const [problem] = problems;
    return { origin, value: expanded, isText, ...(problem !== undefined && { problem }) };
  }

  readonly #lookup = (name: string): { text: string; raw: boolean } | undefined => {
    const real = this.#env[name];
    if (real) return { text: real, raw: false };
    for (const { variables } of this.#envFiles) {
      const text = variables[name];
      if (text) return { text, raw: true };
    }
    return undefined;
  };
}

/** A property of its own, never one of the prototype's; null, as YAML has it, counts as not set. */
function ownValue(tree: unknown, key: string): unknown {
  return isTree(tree) && Object.hasOwn(tree, key) ? (tree[key] ?? undefined) : undefined;
}
