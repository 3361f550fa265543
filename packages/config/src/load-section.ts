import { toError } from "@infra/errors";
import {
  Secret,
  type ConfigSection,
  type SectionShape,
  type SectionValues,
  type Setting,
} from "@infra/interfaces";

import { isTree } from "./config-files.js";
import type { Mistake } from "./mistake.js";
import { didYouMean } from "./nearest-name.js";
import { expectedOf, readSetting } from "./setting-format.js";
import { scrub, shownValue } from "./shown-value.js";
import type { Sources } from "./sources.js";
import { isWeakSecret } from "./weak-secret.js";

/** A section and what came of it. */
export interface LoadedSection<S extends SectionShape = SectionShape> {
  readonly section: ConfigSection<S>;
  /** Frozen; complete only where there are no mistakes. */
  readonly values: SectionValues<S>;
  readonly mistakes: readonly Mistake[];
  /** Keys of the section's files that mean nothing. */
  readonly warnings: readonly string[];
}

/** Finds, converts and checks the values of a section; mistakes are gathered, never thrown. */
export function loadSection<S extends SectionShape>(
  section: ConfigSection<S>,
  sources: Sources,
): LoadedSection<S> {
  const production = sources.environment === "production";
  const values: Record<string, unknown> = {};
  const mistakes: Mistake[] = [];
  const flags = sources.flags(section);
  for (const [key, setting] of Object.entries<Setting>(section.settings)) {
    const found = sources.candidates(section, key, setting, flags).next().value;
    const refuse = (problem: string): void => {
      const path = `${section.name}.${key}`;
      mistakes.push({ path, problem, ...(found && { origin: found.origin }) });
    };
    if (!found) {
      if (setting.required) refuse(requiredBut(setting));
      continue;
    }
    const value =
      found.problem === undefined ? readSetting(setting, found.value, found.isText) : undefined;
    const problem =
      found.problem ??
      (value === undefined
        ? `must be ${expectedOf(setting)}, got ${shownValue(setting, found.value)}`
        : problemOf(setting, value, production));
    if (problem !== undefined) {
      refuse(problem);
      continue;
    }
    const frozen = frozenCopy(value);
    values[key] = setting.sensitive ? new Secret(frozen) : frozen;
  }
  return {
    section,
    values: Object.freeze(values) as SectionValues<S>,
    mistakes: [...mistakes, ...strayOverrides(section, sources)],
    warnings: strayKeys(section, sources),
  };
}

function requiredBut({ env, arg }: Setting): string {
  const ways = [env, arg && `--${arg}`].filter(Boolean).join(" or ");
  return ways ? `is required: set ${ways}` : "is required";
}

type OwnCheck = (value: unknown, context: { readonly production: boolean }) => string | undefined;

/** What is wrong with a value of the right format; `undefined` when nothing is. */
export function problemOf(
  setting: Setting,
  value: unknown,
  production: boolean,
): string | undefined {
  if (production && setting.sensitive && isWeakSecret(value)) {
    return "is a sample value that everybody knows: refused in production";
  }
  const validate = setting.validate as OwnCheck | undefined;
  let problem: string | undefined;
  try {
    problem = validate?.(value, { production });
  } catch (error) {
    problem = `is refused: ${toError(error).message}`;
  }
  if (problem === undefined) return undefined;
  return setting.sensitive
    ? scrub(problem, value)
    : `${problem}, got ${shownValue(setting, value)}`;
}

/** A copy, because an override or a default is its owner's, and not to be frozen under its hands. */
function frozenCopy(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  if (!isTree(value)) return value;
  const copies = Object.entries(value).map(([key, each]) => [key, frozenCopy(each)]);
  return Object.freeze(Object.fromEntries(copies));
}

function strayKeys(section: ConfigSection, sources: Sources): string[] {
  const known = Object.keys(section.settings);
  return sources.files.flatMap(({ name, tree }) => {
    if (!Object.hasOwn(tree, section.name)) return [];
    const settings = tree[section.name] ?? {};
    if (!isTree(settings)) return [`${name}: "${section.name}" holds no settings`];
    return Object.keys(settings)
      .filter((key) => !known.includes(key))
      .map((key) => `${name}: "${section.name}.${key}" means nothing${didYouMean(key, known)}`);
  });
}

function strayOverrides(section: ConfigSection, sources: Sources): Mistake[] {
  const known = Object.keys(section.settings);
  return Object.keys(sources.overridesOf(section) ?? {})
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: `${section.name}.${key}`,
      origin: { layer: "overrides", source: "overrides" },
      problem: `is not a setting${didYouMean(key, known)}`,
    }));
}
