import {
  tokens,
  type Config,
  type ConfigSection,
  type Inject,
  type SectionShape,
  type SectionValues,
  type Setting,
  type Token,
} from "@infra/interfaces";

import { makeConvictSection, type ConvictSection } from "./convict-section.js";
import { ConfigError } from "./errors.js";
import { loadSection, type LoadedSection } from "./load-section.js";
import { mistakeLines, type Mistake } from "./mistake.js";
import { didYouMean, nearestName } from "./nearest-name.js";
import type { Origin } from "./origin.js";
import { readSetting } from "./setting-format.js";
import { shownValue, withoutPasswords } from "./shown-value.js";
import { Sources, type ConfigOverrides } from "./sources.js";

/** Options of {@link ConfigService}. */
export interface ConfigServiceOptions<Known extends ConfigSection = ConfigSection> {
  /** Sections to load at once, so that all their mistakes are seen together; others load when first asked for. */
  readonly sections?: readonly Known[];
  /** The folder with `.env` and `config/`. @default the working directory */
  readonly cwd?: string;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The command line without the program. @default process.argv.slice(2) */
  readonly argv?: readonly string[];
  /** Values by section and setting that nothing else can outdo. */
  readonly overrides?: ConfigOverrides;
  /** Told of keys in files that mean nothing. @default process.emitWarning */
  readonly onWarning?: (message: string) => void;
}

type Entry<Known extends ConfigSection> =
  Known extends ConfigSection<infer S, infer N>
    ? { [K in keyof S & string]: [`${N}.${K}`, SectionValues<S>, K] }[keyof S & string]
    : never;

/** The dotted paths of some sections: `"database.url"`; any string where the sections are not known. */
export type SettingPath<Known extends ConfigSection> = string extends Known["name"]
  ? string
  : Entry<Known>[0];

/** The value at a dotted path. */
export type SettingValue<Known extends ConfigSection, P> =
  Extract<Entry<Known>, readonly [P, unknown, unknown]> extends [unknown, infer V, infer K]
    ? V[K & keyof V]
    : unknown;

/** Where a setting's value comes from. */
export interface Explanation {
  readonly path: string;
  /** What it is for. */
  readonly doc: string;
  /** The value as it may be printed: a secret is `[secret]`; `undefined` when there is none. */
  readonly value: string | undefined;
  /** What is wrong with it; `undefined` when nothing is. Never holds a secret. */
  readonly problem: string | undefined;
  /** The layer that set it; `undefined` when none did. */
  readonly origin: Origin | undefined;
  /** The weaker layers that have a value too, the strongest first. */
  readonly outdone: readonly Origin[];
}

/**
 * The configuration of a program: defaults, then `config/default.*` and `config/<environment>.*`, `.env` files, the
 * environment, the command line and overrides, each outdoing the one before. Read once, when it is made.
 */
export class ConfigService<out Known extends ConfigSection = ConfigSection> implements Config {
  static readonly provides: Token<Config> = tokens.config;
  static readonly inject: Inject<typeof ConfigService> = {};

  readonly #options: ConfigServiceOptions<Known>;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #sources: Sources;
  readonly #loaded: LoadedSection[] = [];
  /** By dotted path. A property's name is found by identity where a Map would compare the characters. */
  readonly #values = Object.create(null) as Record<string, unknown>;
  readonly #convicts = new Map<LoadedSection, ConvictSection>();
  readonly #warned = new Set<string>();

  /**
   * @throws ERR_CONFIG_INVALID when a file can't be read or one of `options.sections` has mistakes: all of them at once.
   */
  constructor(options: ConfigServiceOptions<Known> = {}) {
    this.#options = options;
    this.#env = { ...(options.env ?? process.env) };
    const mistakes: Mistake[] = [];
    this.#sources = new Sources(
      {
        cwd: options.cwd ?? process.cwd(),
        env: this.#env,
        argv: options.argv ?? process.argv.slice(2),
        overrides: options.overrides ?? {},
      },
      mistakes,
    );
    for (const section of options.sections ?? []) mistakes.push(...this.#load(section).mistakes);
    if (options.sections) this.#warnOfStraySections((name, known) => nearestName(name, known));
    if (mistakes.length > 0) throw refusal(mistakes);
  }

  /** `NODE_ENV`, also from `.env`: "development" when it is not set. */
  get environment(): string {
    return this.#sources.environment;
  }

  /**
   * The values of a section: validated, frozen, the same object at each call.
   *
   * @throws ERR_CONFIG_INVALID listing every mistake in the section.
   */
  section<S extends SectionShape>(section: ConfigSection<S>): SectionValues<S> {
    const { mistakes, values } = this.#load(section);
    if (mistakes.length > 0) throw refusal(mistakes);
    return values;
  }

  /** Every mistake in these sections, one aligned line each; empty when there is none. */
  check(sections: readonly ConfigSection[]): readonly string[] {
    const mistakes = sections.flatMap((section) => this.#load(section).mistakes);
    this.#warnOfStraySections(() => true);
    return mistakeLines(mistakes);
  }

  /**
   * One value, by its dotted path: `config.get("database.url")`. Paths and types are known for the sections that the
   * service was made with.
   *
   * @throws RangeError when no loaded section has such a setting.
   */
  get<P extends SettingPath<Known>>(path: P): SettingValue<Known, P> {
    const value = this.#values[path];
    if (value === undefined && !(path in this.#values)) throw this.#unknownPath("get", path);
    return value as SettingValue<Known, P>;
  }

  /**
   * Which layer set a value, and which others tried.
   *
   * @throws RangeError when no loaded section has such a setting.
   */
  explain<P extends SettingPath<Known>>(path: P): Explanation {
    const dot = path.indexOf(".");
    const key = path.slice(dot + 1);
    const loaded = this.#loaded.find(({ section }) => section.name === path.slice(0, dot));
    if (!loaded || !Object.hasOwn(loaded.section.settings, key)) {
      throw this.#unknownPath("explain", path);
    }
    return this.#explain(loaded, key);
  }

  /** The same for every setting of the sections loaded so far, in the order in which they were loaded. */
  explainAll(): readonly Explanation[] {
    const byPath = new Map<string, Explanation>();
    for (const loaded of this.#loaded) {
      for (const key of Object.keys(loaded.section.settings)) {
        const explained = this.#explain(loaded, key);
        // of two sections with one name `get` and `explain` know the first
        if (!byPath.has(explained.path)) byPath.set(explained.path, explained);
      }
    }
    return [...byPath.values()];
  }

  /** The same configuration with other overrides on top, for a test: this one is left as it is. */
  with(overrides: ConfigOverrides): ConfigService<Known> {
    const merged: Record<string, Readonly<Record<string, unknown>>> = {
      ...this.#options.overrides,
    };
    for (const [name, values] of Object.entries(overrides)) {
      merged[name] = { ...merged[name], ...values };
    }
    return new ConfigService({ ...this.#options, env: this.#env, overrides: merged });
  }

  /**
   * A section as a convict configuration, for what works with those: the same object at each call. It has the values,
   * and what is set on it is held against the same formats; a sensitive value reads `[secret]`.
   */
  convict(section: ConfigSection): ConvictSection {
    const loaded = this.#load(section);
    const made = this.#convicts.get(loaded) ?? makeConvictSection(loaded, this.environment);
    this.#convicts.set(loaded, made);
    return made;
  }

  /** The values of the loaded sections as JSON, without a secret or the password of a URL. */
  toString(): string {
    return JSON.stringify(this, undefined, 2);
  }

  /** The values of the loaded sections; a secret is `[secret]`, and a URL has no password. */
  toJSON(): Readonly<Record<string, unknown>> {
    const values = this.#loaded.map((each): [string, unknown] => [each.section.name, each.values]);
    return JSON.parse(withoutPasswords(JSON.stringify(Object.fromEntries(values)))) as Record<
      string,
      unknown
    >;
  }

  /** What `console.log` and `util.inspect` show. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `ConfigService ${this.toString()}`;
  }

  #load<S extends SectionShape>(section: ConfigSection<S>): LoadedSection<S> {
    const known = this.#loaded.find(
      (each) => each.section.name === section.name && each.section.settings === section.settings,
    );
    if (known) return known as unknown as LoadedSection<S>;
    const loaded = loadSection(section, this.#sources);
    this.#loaded.push(loaded);
    for (const key of Object.keys(section.settings)) {
      const path = `${section.name}.${key}`;
      const value = (loaded.values as Readonly<Record<string, unknown>>)[key];
      if (!(path in this.#values)) this.#values[path] = value;
    }
    for (const warning of loaded.warnings) this.#warn(warning);
    return loaded;
  }

  #explain({ section, mistakes }: LoadedSection, key: string): Explanation {
    const path = `${section.name}.${key}`;
    const setting: Setting = section.settings[key]!;
    const flags = this.#sources.flags(section);
    const [winner, ...others] = this.#sources.candidates(section, key, setting, flags);
    const raw = winner?.value;
    // where none could be had, `problem` says why
    const value = raw === undefined ? undefined : readSetting(setting, raw, winner!.isText);
    return {
      path,
      doc: setting.doc,
      value: raw === undefined ? undefined : shownValue(setting, value ?? raw),
      problem: mistakes.find((mistake) => mistake.path === path)?.problem,
      origin: winner?.origin,
      outdone: others.map(({ origin }) => origin),
    };
  }

  #warnOfStraySections(when: (name: string, known: readonly string[]) => unknown): void {
    const known = this.#loaded.map(({ section }) => section.name);
    for (const { name: file, tree } of this.#sources.files) {
      for (const name of Object.keys(tree)) {
        if (known.includes(name) || !when(name, known)) continue;
        this.#warn(`${file}: no section is called "${name}"${didYouMean(name, known)}`);
      }
    }
  }

  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    if (this.#options.onWarning) this.#options.onWarning(message);
    else process.emitWarning(message, "ConfigWarning");
  }

  #unknownPath(method: string, path: string): RangeError {
    return new RangeError(
      `config.${method}: no loaded section has the setting ${JSON.stringify(path)}${didYouMean(path, Object.keys(this.#values))}`,
    );
  }
}

function refusal(mistakes: readonly Mistake[]): InstanceType<typeof ConfigError> {
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const lines = mistakeLines(mistakes).map((line) => `  ${line}`);
  return new ConfigError(`${count} in the configuration:\n${lines.join("\n")}`, {
    details: { mistakes },
  });
}
