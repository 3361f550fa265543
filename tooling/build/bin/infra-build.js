#!/usr/bin/env node
// Builds a package: declarations by tsc, one JavaScript file per entry point by rolldown. A module costs about half a
// millisecond to load, so that many small source files must not become many small modules.
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { rolldown } from "rolldown";

import { entryName, folderOf, inputOptions, outputOptions } from "./rolldown-options.js";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

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
const input = Object.fromEntries(sources.map((source) => [entryName(source), source]));

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
const bundle = await rolldown(inputOptions(input));
await bundle.write({ ...outputOptions, dir: "dist", sourcemap: true });
await bundle.close();
for (const file of Object.values(manifest.bin ?? {})) chmodSync(file, 0o755);
