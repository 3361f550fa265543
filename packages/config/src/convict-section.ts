import { createRequire } from "node:module";

import type { Setting } from "@infra/interfaces";

import { problemOf, type LoadedSection } from "./load-section.js";
import { expectedOf, readSetting } from "./setting-format.js";
import { shownValue } from "./shown-value.js";

/**
 * A section as a convict configuration: `get("database.port")`, `getProperties()`, `toString()`. A sensitive value reads
 * `[secret]` in it.
 */
export interface ConvictSection {
  get(path?: string): unknown;
  has(path: string): boolean;
  set(path: string, value: unknown): unknown;
  load(tree: object): unknown;
  validate(options?: { allowed: "strict" | "warn" }): unknown;
  getProperties(): Record<string, unknown>;
  getSchema(): unknown;
  toString(): string;
}

const format = "infra-setting";
/** What stands in the place of a secret, because convict's `getProperties()` masks nothing. */
const masked = "[secret]";
let known = false;

/**
 * Makes the convict configuration of a section, with its values in place. Every setting has one format of ours: those of
 * convict read 80 out of "80a" and `true` out of "off", and it gives a setting whose format is a function that of its
 * default's type.
 *
 * @throws TypeError when the section is called like something that every object inherits.
 */
export function makeConvictSection(
  { section, values }: Pick<LoadedSection, "section" | "values">,
  environment: string,
): ConvictSection {
  if (section.name in Object.prototype) {
    // convict would take the inherited function for the section, and write the settings onto it
    throw new TypeError(`a section called ${JSON.stringify(section.name)} is none for convict`);
  }
  const convict = loadConvict();
  const production = environment === "production";
  const settings = Object.entries<Setting>(section.settings).map(([key, setting]) => [
    key,
    {
      doc: setting.doc,
      format,
      // without a default convict takes a setting for a group of settings
      default: setting.sensitive ? null : (readSetting(setting, setting.default, false) ?? null),
      nullable: true,
      sensitive: setting.sensitive ?? false,
      check: (value: unknown) => {
        if (setting.sensitive && value === masked) return;
        const problem =
          readSetting(setting, value, false) === undefined
            ? `must be ${expectedOf(setting)}, got ${shownValue(setting, value)}`
            : problemOf(setting, value, production);
        if (problem !== undefined) throw new Error(problem);
      },
    },
  ]);
  // convict's own layers are left empty: it can't tell where a value came from
  const instance: ConvictSection = convict(
    { [section.name]: Object.fromEntries(settings) },
    { env: {}, args: [] },
  );
  guardPaths(instance);
  for (const [key, value] of Object.entries(values)) {
    const { sensitive } = section.settings[key]!;
    instance.set(`${section.name}.${key}`, sensitive ? masked : value);
  }
  return instance;
}

/** convict follows a path into what every object inherits: its `get("constructor.name")` is "Object". */
function guardPaths(instance: ConvictSection): void {
  const get = instance.get.bind(instance);
  const has = instance.has.bind(instance);
  const isOwn = (path: string): boolean => {
    let at: unknown = instance.getProperties();
    return path.split(".").every((key) => {
      const own = typeof at === "object" && at !== null && Object.hasOwn(at, key);
      at = own ? (at as Readonly<Record<string, unknown>>)[key] : undefined;
      return own;
    });
  };
  instance.has = (path) => isOwn(path) && has(path);
  instance.get = (path) => {
    if (path !== undefined && !isOwn(path)) {
      throw new RangeError(`there is no setting ${JSON.stringify(path)}`);
    }
    return get(path);
  };
}

/** Loaded when it is asked for: it brings a copying and an argument-parsing library, which a program may never need. */
function loadConvict(): typeof import("convict") {
  const convict = createRequire(import.meta.url)("convict") as typeof import("convict");
  if (!known) {
    convict.addFormat({
      name: format,
      validate: (value: unknown, schema) =>
        (schema as unknown as { check: (value: unknown) => void }).check(value),
    });
    known = true;
  }
  return convict;
}
