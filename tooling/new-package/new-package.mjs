// Creates packages/<name> in the canonical layout, already passing.
//   pnpm new:package <name> ["one sentence that describes it"]
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { root, tiers } from "@infra/check";

import { packageFiles } from "./package-files.mjs";

const [name, description = `One concern of a Node.js server: ${process.argv[2]}.`] =
  process.argv.slice(2);

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name ?? "")) {
  console.error(`new:package: the name must be kebab-case, got ${JSON.stringify(name)}`);
  process.exit(1);
}
if (!(name in tiers)) {
  console.error(
    `new:package: "${name}" has no tier; add it to "tiers" in tooling/check/canonical.mjs first (one of ${[...new Set(Object.values(tiers))].join(", ")})`,
  );
  process.exit(1);
}
const folder = join(root, "packages", name);
if (existsSync(folder)) {
  console.error(`new:package: packages/${name} exists already`);
  process.exit(1);
}

const files = packageFiles(name, description);
for (const [path, content] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
execFileSync(join(root, "node_modules", ".bin", "oxfmt"), [folder], { stdio: "ignore" });
console.log(`packages/${name} is ready: npx pnpm install && npx pnpm --filter @infra/${name} test`);
