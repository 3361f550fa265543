// node contestant.mjs LIBRARY answer|load|get: sends the thirty values, or how many a second.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { best } from "../../own-process.mjs";

/** The same ten settings in each section, by the formats that convict has too. */
const settings = {
  host: { format: "string", default: "localhost", env: "HOST" },
  port: { format: "port", default: 3000, env: "PORT" },
  ratio: { format: "number", default: 0.5, env: "RATIO" },
  workers: { format: "integer", default: 4, env: "WORKERS" },
  verbose: { format: "boolean", default: false, env: "VERBOSE" },
  mode: { format: "enum", values: ["fast", "safe"], default: "safe", env: "MODE" },
  path: { format: "string", default: "/", env: "SOME_PATH" },
  title: { format: "string", default: "a title" },
  limit: { format: "integer", default: 100 },
  enabled: { format: "boolean", default: true },
};
const names = ["server", "worker", "mail"];
// as property names, because a path that stands in a program's text is one string wherever it stands
const paths = Object.keys(
  Object.fromEntries(
    names.flatMap((name) => Object.keys(settings).map((key) => [`${name}.${key}`, true])),
  ),
);

const env = {};
for (const name of names) {
  Object.assign(env, {
    [`${name}_HOST`]: `${name}.example`,
    [`${name}_PORT`]: "8080",
    [`${name}_RATIO`]: "0.25",
    [`${name}_VERBOSE`]: "true",
    [`${name}_MODE`]: "fast",
  });
}

/** In its own folder: a file with three settings of each section. */
const cwd = mkdtempSync(join(tmpdir(), "infra-bench-"));
process.once("exit", () => rmSync(cwd, { recursive: true, force: true }));
const file = join(cwd, "config", "default.json");
mkdirSync(join(cwd, "config"));
writeFileSync(
  file,
  JSON.stringify(
    Object.fromEntries(
      names.map((name) => [name, { title: `the ${name}`, limit: 7, enabled: false }]),
    ),
  ),
);

async function infraLoader() {
  const { ConfigService } = await import("@infra/config");
  const { defineSection } = await import("@infra/interfaces");
  const sections = names.map((name) =>
    defineSection(
      name,
      Object.fromEntries(
        Object.entries(settings).map(([key, setting]) => [
          key,
          { doc: key, ...setting, ...(setting.env && { env: `${name}_${setting.env}` }) },
        ]),
      ),
    ),
  );
  return () => new ConfigService({ sections, cwd, env, argv: [] });
}

async function convictLoader() {
  const { default: convict } = await import("convict");
  const formats = {
    string: String,
    port: "port",
    number: Number,
    integer: "int",
    boolean: Boolean,
  };
  const schema = Object.fromEntries(
    names.map((name) => [
      name,
      Object.fromEntries(
        Object.entries(settings).map(([key, setting]) => [
          key,
          {
            doc: key,
            format: setting.values ?? formats[setting.format],
            default: setting.default,
            ...(setting.env && { env: `${name}_${setting.env}` }),
          },
        ]),
      ),
    ]),
  );
  return () => convict(schema, { env, args: [] }).loadFile(file).validate({ allowed: "strict" });
}

const [library, work] = process.argv.slice(2);
const load = await (library === "convict" ? convictLoader() : infraLoader());
if (work === "answer") {
  const config = load();
  process.send(Object.fromEntries(paths.map((path) => [path, config.get(path)])));
} else {
  process.send(await best(work === "load" ? loads : gets));
}

function loads() {
  const startMs = performance.now();
  for (let at = 0; at < 100; at += 1) load();
  return 100_000 / (performance.now() - startMs);
}

function gets() {
  const config = load();
  const rounds = Math.ceil(1_000_000 / paths.length);
  let found = 0;
  const startMs = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    for (const path of paths) if (config.get(path) !== undefined) found += 1;
  }
  const tookMs = performance.now() - startMs;
  if (found !== rounds * paths.length) throw new Error("not every setting was found");
  return (1000 * found) / tookMs;
}
