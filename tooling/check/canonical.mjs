// The canonical layout of a package (DESIGN: "The inside of a package"): new:package writes it,
// check.mjs holds every package against it and mends what it can with --fix.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

/** The README's second-level headings, in this order; the first two are in every README. */
export const readmeHeadings = [
  "Install",
  "Usage",
  "Options",
  "Drivers",
  "Errors",
  "With the container",
  "Testing",
];

/** The tier of every package. A package imports only from lower tiers; testing may import any. */
export const tiers = {
  interfaces: "tier-0",
  errors: "tier-1",
  promises: "tier-2",
  utils: "tier-2",
  files: "tier-2",
  middleware: "tier-2",
  "embedded-postgres": "tier-2",
  config: "tier-3",
  logging: "tier-3",
  di: "tier-3",
  lifecycle: "tier-3",
  security: "tier-3",
  auth: "tier-3",
  cache: "tier-3",
  database: "tier-3",
  storage: "tier-3",
  queue: "tier-3",
  jobs: "tier-3",
  processor: "tier-3",
  pubsub: "tier-3",
  server: "tier-3",
  testing: "testing",
};

const devDependencies = {
  "@infra/build": "workspace:*",
  "@infra/jest-preset": "workspace:*",
  "@infra/tsconfig": "workspace:*",
  "@jest/globals": "catalog:",
  "@types/node": "catalog:",
  typescript: "catalog:",
};

const sorted = (object) =>
  object && Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const source = (path) => (path === "." ? "index" : path.slice(2));

const published = (path) => ({
  types: `./dist/${source(path)}.d.ts`,
  default: `./dist/${source(path)}.js`,
});

/** Where the sources live: "" until the root manifest's repository.url is filled in. */
export function repositoryUrl() {
  const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return repository?.url ?? "";
}

/**
 * The manifest that a package should have, given the one it has: what is the package's own (version,
 * description, dependencies, bin, further exports and scripts) is kept, the rest is the same everywhere.
 */
export function canonicalManifest(name, manifest) {
  const url = repositoryUrl();
  const subpaths = Object.keys(manifest.exports ?? { ".": {} }).filter(
    (path) => path !== "./package.json",
  );
  const exports = (entry) => ({
    ...Object.fromEntries(subpaths.map((path) => [path, entry(path)])),
    "./package.json": "./package.json",
  });
  const result = {
    name: `@infra/${name}`,
    version: manifest.version ?? "0.0.0",
    description: manifest.description ?? "",
    keywords: manifest.keywords,
    license: "MIT",
    author: "Infra contributors",
    repository: url ? { type: "git", url, directory: `packages/${name}` } : undefined,
    type: "module",
    sideEffects: manifest.sideEffects ?? false,
    engines: { node: ">=20.19.0" },
    bin: manifest.bin,
    exports: exports((path) => ({
      "@infra/source": `./src/${source(path)}.ts`,
      ...published(path),
    })),
    files: [
      "dist",
      "src",
      "CHANGELOG.md",
      ...(manifest.files ?? []).filter((file) => !["dist", "src", "CHANGELOG.md"].includes(file)),
    ],
    publishConfig: { access: "public", exports: exports(published) },
    scripts: {
      build: "infra-build",
      typecheck: "tsc -p tsconfig.json",
      test: "infra-jest",
      ...Object.fromEntries(
        Object.entries(manifest.scripts ?? {}).filter(
          ([key]) => !["build", "typecheck", "test"].includes(key),
        ),
      ),
    },
    dependencies: sorted(manifest.dependencies),
    peerDependencies: sorted(manifest.peerDependencies),
    peerDependenciesMeta: sorted(manifest.peerDependenciesMeta),
    devDependencies: sorted({ ...manifest.devDependencies, ...devDependencies }),
  };
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined));
}

/** The files that are the same in every package but for its tier: path to content. */
export function canonicalFiles(name) {
  const tier = tiers[name];
  return {
    "tsconfig.json": '{ "extends": "@infra/tsconfig/dev.json", "include": ["src", "test"] }\n',
    "tsconfig.build.json": '{ "extends": "@infra/tsconfig/build.json" }\n',
    "turbo.json": `{ "extends": ["//"], "tags": ["${tier}"] }\n`,
    "jest.config.js":
      'import { preset } from "@infra/jest-preset";\n\nexport default preset(import.meta.url);\n',
    LICENSE: readFileSync(join(root, "LICENSE"), "utf8"),
  };
}
