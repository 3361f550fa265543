import { toBytes, type ByteSize } from "./byte-size.js";
import { toMilliseconds, type Duration } from "./duration.js";
import { received } from "./received.js";
import { Secret } from "./secret.js";

/** What a setting looks like as the program sees it, by format. */
export interface SettingTypes {
  string: string;
  boolean: boolean;
  /** A whole number. */
  integer: number;
  number: number;
  /** 0 to 65,535. */
  port: number;
  /** Milliseconds. */
  duration: number;
  /** Bytes. */
  bytes: number;
  /** An absolute URL. */
  url: string;
  /** A URL with one of the schemes that a database understands: `postgres:` `mysql:` `sqlite:` `pglite:`. */
  "database-url": string;
  /** One of `values`. */
  enum: string;
  /** Comma-separated in the environment. */
  list: readonly string[];
  /** JSON in the environment. */
  json: unknown;
}

/** The closed list of formats. */
export type SettingFormat = keyof SettingTypes;

type DefaultOf<F extends SettingFormat> = F extends "duration"
  ? Duration
  : F extends "bytes"
    ? ByteSize
    : SettingTypes[F];

/** One setting of a section. Without a default it is `undefined` when unset, or an error if `required`. */
export type Setting<F extends SettingFormat = SettingFormat> = F extends SettingFormat
  ? {
      /** What it is for, in one sentence. */
      readonly doc: string;
      readonly format: F;
      readonly default?: DefaultOf<F>;
      /** The environment variable that sets it. */
      readonly env?: string;
      /** The command-line flag that sets it, without the dashes. */
      readonly arg?: string;
      /** The value is a {@link Secret} and is printed nowhere. */
      readonly sensitive?: boolean;
      readonly required?: boolean;
      /** Returns what is wrong with a value of the right format, without quoting it; `undefined` when nothing is. */
      readonly validate?: (
        value: SettingTypes[F],
        context: { readonly production: boolean },
      ) => string | undefined;
    } & (F extends "enum"
      ? {
          /** The values that it allows. */
          readonly values: readonly string[];
        }
      : { readonly values?: undefined })
  : never;

/** The settings of a section by name. */
export type SectionShape = Readonly<Record<string, Setting>>;

type Plain<S> = S extends { format: "enum"; values: readonly (infer V)[] }
  ? V
  : S extends { format: infer F extends SettingFormat }
    ? SettingTypes[F]
    : never;

type Guarded<S> = S extends { sensitive: true } ? Secret<Plain<S>> : Plain<S>;

/** The values of a section, as the program sees them. */
export type SectionValues<S extends SectionShape> = {
  readonly [
    K in keyof S as S[K] extends { default: unknown } | { required: true } ? K : never
  ]: Guarded<S[K]>;
} & {
  readonly [
    K in keyof S as S[K] extends { default: unknown } | { required: true } ? never : K
  ]?: Guarded<S[K]>;
};

/** A package's description of its own configuration: plain data, understood by `@infra/config`. */
export interface ConfigSection<S extends SectionShape = SectionShape, N extends string = string> {
  /** The first part of the settings' paths: `database` for `database.url`. */
  readonly name: N;
  readonly settings: S;
  /** The values when nothing is set: durations in milliseconds, sizes in bytes, secrets wrapped. */
  defaults(): SectionValues<S>;
}

/**
 * Describes a section of the configuration.
 *
 * @throws TypeError when its name or that of a setting is not lower camel case, or is one that every object has.
 */
export function defineSection<const S extends SectionShape, N extends string = string>(
  name: N,
  settings: S,
): ConfigSection<S, N> {
  checkName("name", name);
  for (const key of Object.keys(settings)) checkName(`a setting of ${name}`, key);
  return {
    name,
    settings,
    defaults() {
      const values: Record<string, unknown> = {};
      for (const [key, setting] of Object.entries<Setting>(settings)) {
        if (setting.default === undefined) continue;
        const value =
          setting.format === "duration"
            ? toMilliseconds(setting.default, `${name}.${key}`)
            : setting.format === "bytes"
              ? toBytes(setting.default, `${name}.${key}`)
              : setting.default;
        values[key] = setting.sensitive ? new Secret(value) : value;
      }
      return values as SectionValues<S>;
    },
  };
}

function checkName(what: string, name: string): void {
  // `toString` and its like would be found in any object that settings are looked up in
  if (/^[a-z][a-zA-Z0-9]*$/.test(name) && !(name in {})) return;
  throw new TypeError(
    `defineSection: ${what} must be lower camel case and no name that every object has, got ${received(name)}`,
  );
}

/** Read access to the configuration. The one who implements it reads the environment; nobody else does. */
export interface Config {
  /** The values of a section: validated, frozen, the same object at each call. */
  section<S extends SectionShape>(section: ConfigSection<S>): SectionValues<S>;
  /** Every mistake in these sections, worded for a person, without a secret; empty when there is none. */
  check(sections: readonly ConfigSection[]): readonly string[];
}
