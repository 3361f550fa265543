// Prints what a package weighs as it would be published, and what each of its exports costs alone: see sizes.d.ts.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

import { rolldown } from "rolldown";

import { entryName, inputOptions, outputOptions } from "./bin/rolldown-options.js";

const gzippedBytes = (code) => gzipSync(code, { level: 9 }).byteLength;

/** What `infra-build` makes of a package: by its folder, once. */
const published = new Map();

async function publish(folder) {
  if (!published.has(folder)) published.set(folder, build(folder));
  return published.get(folder);
}

async function build(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  /** The entry points of `dist` by subpath. */
  const entries = Object.entries(manifest.exports).flatMap(
    ([subpath, { "@infra/source": source }]) => (source === undefined ? [] : [[subpath, source]]),
  );
  const input = Object.fromEntries(entries.map(([, source]) => [entryName(source), source]));
  const bundle = await rolldown({ ...inputOptions(input), cwd: folder });
  const { output } = await bundle.generate(outputOptions);
  await bundle.close();
  return {
    name: manifest.name,
    entries: new Map(entries.map(([subpath, source]) => [subpath, `${entryName(source)}.js`])),
    files: new Map(output.map((file) => [file.fileName, file])),
  };
}

/** Gives the bundler this workspace's packages as they are published, and everything else as it is installed. */
function asInstalled(folder, program) {
  const codes = new Map([["program", program]]);
  /** The package that a published file is of. */
  const folders = new Map([["program", folder]]);

  async function resolvePublished(specifier, from) {
    const [scope, name, ...subpath] = specifier.split("/");
    const require = createRequire(join(from, "package.json"));
    const its = dirname(require.resolve(`${scope}/${name}/package.json`));
    const { entries, files } = await publish(its);
    for (const [file, { code }] of files) {
      codes.set(join(its, "dist", file), code);
      folders.set(join(its, "dist", file), its);
    }
    return join(its, "dist", entries.get([".", ...subpath].join("/")));
  }

  return {
    name: "as-installed",
    async resolveId(specifier, importer) {
      if (importer === undefined) return specifier;
      const from = folders.get(importer);
      if (from === undefined) return null;
      const id = specifier.startsWith("@infra/")
        ? await resolvePublished(specifier, from)
        : join(dirname(importer), specifier);
      // as "sideEffects": false in their manifests says
      if (codes.has(id)) return { id, moduleSideEffects: false };
      return this.resolve(specifier, join(from, "package.json"));
    },
    load: (id) => codes.get(id),
  };
}

async function bundledBytes(folder, specifier, name) {
  const bundle = await rolldown({
    input: "program",
    plugins: [asInstalled(folder, `export { ${name} } from "${specifier}";`)],
    external: /^node:/,
    platform: "node",
    tsconfig: false,
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return output.reduce((sum, { code }) => sum + gzippedBytes(code), 0);
}

const folder = resolve(process.argv[2]);
const { name: packageName, entries, files } = await publish(folder);
const imports = {};
for (const [subpath, file] of entries) {
  imports[subpath] = {};
  for (const name of files.get(file).exports) {
    imports[subpath][name] = await bundledBytes(folder, join(packageName, subpath), name);
  }
}
console.log(
  JSON.stringify({
    files: Object.fromEntries([...files].map(([file, { code }]) => [file, gzippedBytes(code)])),
    imports,
  }),
);
