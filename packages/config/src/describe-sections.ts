import type { ConfigSection, Setting, SettingFormat } from "@infra/interfaces";

/** A `.env.example` of some sections: every variable with what it is for; what has to be set stands uncommented. */
export function envExample(sections: readonly ConfigSection[]): string {
  return sections
    .map((section) => {
      const entries = settingsOf(section)
        .filter(({ setting }) => setting.env !== undefined)
        .map(({ setting }) => {
          const notes = [formatOf(setting), ...(setting.sensitive ? ["secret"] : [])].join(", ");
          const line = `${setting.env}=${envValue(defaultText(setting))}`;
          return `# ${oneLine(setting.doc)} (${notes})\n${setting.required ? line : `# ${line}`}\n`;
        });
      return entries.length === 0 ? "" : [`## ${section.name}\n`, ...entries].join("\n");
    })
    .filter((text) => text !== "")
    .join("\n");
}

/** A Markdown table of some sections, one row for each setting. */
export function settingsTable(sections: readonly ConfigSection[]): string {
  const rows = sections.flatMap((section) =>
    settingsOf(section).map(({ path, setting }) => [
      code(path),
      code(setting.env),
      code(setting.arg && `--${setting.arg}`),
      formatOf(setting),
      setting.required ? "required" : code(defaultText(setting)),
      oneLine(setting.doc),
    ]),
  );
  return [
    ["setting", "variable", "flag", "format", "default", "meaning"],
    Array(6).fill("---"),
    ...rows,
  ]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`)
    .join("\n");
}

/** A JSON Schema (2020-12) of the files in `config/`, for editors that complete and check them. */
export function configSchema(
  sections: readonly ConfigSection[],
): Readonly<Record<string, unknown>> {
  const properties = sections.map((section) => [
    section.name,
    {
      type: "object",
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries<Setting>(section.settings).map(([key, setting]) => [
          key,
          {
            description: setting.doc,
            ...schemaOf(setting),
            ...(setting.default !== undefined &&
              !setting.sensitive && { default: setting.default }),
          },
        ]),
      ),
    },
  ]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: Object.fromEntries(properties) as Readonly<Record<string, unknown>>,
  };
}

const schemas: Readonly<Record<Exclude<SettingFormat, "enum">, object>> = {
  string: { type: "string" },
  boolean: { type: "boolean" },
  integer: { type: "integer" },
  number: { type: "number" },
  port: { type: "integer", minimum: 0, maximum: 65_535 },
  duration: { type: ["number", "string"] },
  bytes: { type: ["number", "string"] },
  url: { type: "string", format: "uri" },
  "database-url": { type: "string" },
  list: { type: "array", items: { type: "string" } },
  json: {},
};

function schemaOf(setting: Setting): object {
  return setting.format === "enum" ? { enum: setting.values ?? [] } : schemas[setting.format];
}

function settingsOf(section: ConfigSection): { path: string; setting: Setting }[] {
  return Object.entries<Setting>(section.settings).map(([key, setting]) => ({
    path: `${section.name}.${key}`,
    setting,
  }));
}

function formatOf({ format, values = [] }: Setting): string {
  return format === "enum" ? values.join(" | ") : format;
}

/** The default as it would be written in the environment; that of a secret is not shown. */
function defaultText(setting: Setting): string {
  const value: unknown = setting.default;
  if (value === undefined || setting.sensitive) return "";
  if (setting.format === "list") return (value as readonly string[]).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Quoted where the bare text would be read otherwise. */
function envValue(text: string): string {
  return /[\s#"'`\\]/.test(text) ? `'${text}'` : text;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function code(text: string | undefined): string {
  return text ? `\`${text}\`` : "";
}
