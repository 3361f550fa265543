// Builds the reference app, or the example that is named, and runs it in this very process, so that every variable and
// every signal reaches it.
//   node tooling/scripts/start.mjs [EXAMPLE] [OPTIONS of it]
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { runTurbo } from "./turbo.mjs";

const apps = join(import.meta.dirname, "..", "..", "apps");
const [given, ...rest] = process.argv.slice(2);
const example = given?.startsWith("-") ? undefined : given;
const folder = example === undefined ? join(apps, "demo") : join(apps, "examples", example);
if (!existsSync(join(folder, "package.json"))) {
  const there = readdirSync(join(apps, "examples")).join(", ");
  console.error(`start: there is no example ${example}; there are ${there}`);
  process.exit(2);
}
const { name, main = "./dist/main.js" } = JSON.parse(
  readFileSync(join(folder, "package.json"), "utf8"),
);
const status = runTurbo(["build", "template", `--filter=${name}`, "--output-logs=errors-only"]);
if (status !== 0) process.exit(status);

process.setSourceMapsEnabled(true);
process.chdir(folder);
const entry = join(folder, main);
process.argv = [
  process.argv[0],
  entry,
  ...(example === undefined && given ? [given] : []),
  ...rest,
];
await import(pathToFileURL(entry).href);
