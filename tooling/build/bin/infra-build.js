#!/usr/bin/env node
// Builds a package: declarations by tsc, one JavaScript file per entry point by rolldown. A module costs about half a
// millisecond to load, so that many small source files must not become many small modules.
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const require = createRequire(import.meta.url);
const folderOf = (name) => dirname(require.resolve(`${name}/package.json`));
/** What newer syntax is lowered to (`using`); it goes into the bundle. */
const helpers = "@oxc-project/runtime";

/** The sources that other files load by URL: `new URL("./thread.js", import.meta.url)`. */
function sourcesLoadedByUrl() {
  return readdirSync("src", { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      [
        ...readFileSync(join("src", file), "utf8").matchAll(
          /new URL\("(\.{1,2}\/[\w./-]+)\.js", import\.meta\.url\)/g,
        ),
      ].map(([, target]) => join("src", dirname(file), `${target}.ts`)),
    );
}

const sources = [
  ...Object.values(manifest.exports).flatMap((entry) => entry["@infra/source"] ?? []),
  ...Object.values(manifest.bin ?? {}).map((file) =>
    file.replace("./dist/", "./src/").replace(/\.js$/, ".ts"),
  ),
  ...sourcesLoadedByUrl(),
];
const input = Object.fromEntries(
  sources.map((source) => [source.replace(/^(\.\/)?src\//, "").replace(/\.ts$/, ""), source]),
);

rmSync("dist", { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    join(folderOf("typescript"), "bin", "tsc"),
    "-p",
    "tsconfig.build.json",
    "--emitDeclarationOnly",
  ],
  { stdio: "inherit" },
);
const bundle = await rolldown({
  input,
  // what is installed stays what it is; so do Node.js's own modules
  external: (id) => !/^(\.|\/|[A-Za-z]:)/.test(id) && !id.startsWith(helpers),
  resolve: { alias: { [helpers]: folderOf(helpers) } },
  platform: "node",
  transform: { target: "es2023" },
  tsconfig: fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url)),
});
await bundle.write({
  dir: "dist",
  format: "esm",
  sourcemap: true,
  // beside the entry points, so that paths from import.meta.url are the same as in src
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
});
await bundle.close();
for (const file of Object.values(manifest.bin ?? {})) chmodSync(file, 0o755);
