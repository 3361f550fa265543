import { defineSection, tokens, type Config, type ConfigSection } from "@infra/interfaces";

import type { Binding } from "./binding.js";
import type { Plan } from "./compile.js";
import type { Entry } from "./wiring.js";

/** Where the first argument comes from: the entry `options`, and what `.withOptions()` lays over it. */
export function optionsPlan(
  binding: Binding,
  entry: Entry | undefined,
  part: (entry: Entry) => Plan | undefined,
): Plan {
  const base =
    entry?.kind === "section"
      ? sectionPlan(sectionFor(binding, entry.section), part)
      : entry && part(entry);
  const { options } = binding;
  if (!options) return base ?? (() => undefined);
  return base ? (scope) => ({ ...(base(scope) as object), ...options }) : () => options;
}

function sectionPlan(section: ConfigSection, part: (entry: Entry) => Plan | undefined): Plan {
  const config = part({ kind: "one", key: tokens.config.id, optional: true });
  return config ? (scope) => (config(scope) as Config).section(section) : () => section.defaults();
}

const derived = new WeakMap<ConfigSection, Map<string, ConfigSection>>();

/**
 * The section that a binding reads: its class's own, or for `.named("reporting")` one beside it (`database` becomes
 * `databaseReporting`, `DATABASE_URL` becomes `REPORTING_DATABASE_URL`).
 */
export function sectionFor(binding: Binding, section: ConfigSection): ConfigSection {
  const { label } = binding;
  if (label === undefined) return section;
  let byLabel = derived.get(section);
  if (!byLabel) derived.set(section, (byLabel = new Map()));
  let own = byLabel.get(label);
  if (!own) byLabel.set(label, (own = derive(section, label)));
  return own;
}

function derive(section: ConfigSection, label: string): ConfigSection {
  const words = label.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).filter(Boolean);
  const camel = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  const settings = Object.fromEntries(
    Object.entries(section.settings).map(([name, setting]) => [
      name,
      {
        ...setting,
        ...(setting.env && { env: `${words.join("_").toUpperCase()}_${setting.env}` }),
        ...(setting.arg && { arg: `${words.join("-").toLowerCase()}-${setting.arg}` }),
      },
    ]),
  );
  return defineSection(section.name + camel, settings as ConfigSection["settings"]);
}
