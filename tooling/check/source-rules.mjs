import { builtinModules } from "node:module";
// The rules for one source file of a package.
import { basename } from "node:path";

import { parseSync } from "oxc-parser";

import { tiers } from "./canonical.mjs";

const maxLines = 400;
const vagueNames = new Set(["types", "helpers", "constants", "common", "utils", "util", "misc"]);
const levels = ["tier-0", "tier-1", "tier-2", "tier-3", "testing"];

/** "@scope/name/sub" and "name/sub" without what follows the package's name. */
export function packageOf(specifier) {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** What is wrong with an import of `specifier` in the sources of package `name`. */
export function importProblem(name, manifest, specifier) {
  if (specifier.startsWith("node:")) return undefined;
  if (specifier.startsWith(".")) {
    return specifier.endsWith(".js") || specifier.endsWith(".json")
      ? undefined
      : `imports "${specifier}" without its extension: write "${specifier}.js"`;
  }
  const wanted = packageOf(specifier);
  if (builtinModules.includes(wanted)) return `imports "${wanted}": write "node:${wanted}"`;
  if (wanted === manifest.name) return `imports its own package: use a relative path`;
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  if (wanted.startsWith("@infra/")) {
    const other = wanted.slice("@infra/".length);
    if (levels.indexOf(tiers[other]) >= levels.indexOf(tiers[name])) {
      return `imports ${wanted} (${tiers[other] ?? "unknown"}) from ${tiers[name]}: a package imports only from lower tiers; take the collaborator through the constructor, typed by @infra/interfaces`;
    }
  }
  if (!(wanted in declared)) {
    return `imports "${wanted}", which is neither in dependencies nor in peerDependencies: declare it`;
  }
  return undefined;
}

/** The problems of one source file. @param {string} path relative to src/ */
export function sourceProblems(name, manifest, path, text) {
  const problems = [];
  const file = basename(path).replace(/\.ts$/, "");
  const lines = text.split("\n").length - 1;
  if (lines > maxLines) problems.push(`has ${lines} lines: split it, ${maxLines} is the most`);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(file))
    problems.push("is not named in kebab-case: rename it");
  if (vagueNames.has(file) || path.split("/").some((part) => part === "common")) {
    problems.push(`is named after nothing in particular: put each idea in a file named after it`);
  }
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) return [...problems, `does not parse: ${errors[0].message}`];

  const specifiers = [
    ...module.staticImports.map((each) => each.moduleRequest.value),
    ...module.staticExports.flatMap((each) =>
      each.entries.flatMap((entry) => entry.moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const source = text.slice(start, end);
      return /^(["']).*\1$/.test(source) ? [source.slice(1, -1)] : [];
    }),
  ];
  for (const specifier of new Set(specifiers)) {
    const problem = importProblem(name, manifest, specifier);
    if (problem) problems.push(problem);
  }
  if (path === "index.ts") problems.push(...indexProblems(program));
  problems.push(...syntaxProblems(name, path, program));
  return problems;
}

function indexProblems(program) {
  const problems = [];
  for (const node of program.body) {
    if (node.type === "ExportAllDeclaration") {
      problems.push("re-exports everything of a file: name what is exported");
    } else if (node.type === "ImportDeclaration" && node.specifiers.length === 0) {
      continue;
    } else if (node.type !== "ExportNamedDeclaration" || !node.source) {
      problems.push("does more than re-export by name: move it to a file of its own");
    }
  }
  return [...new Set(problems)];
}

/** Every node of a tree. */
function* nodesOf(value) {
  if (typeof value !== "object" || value === null) return;
  if (typeof value.type === "string") yield value;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

/** The terminal's own switches, which any package may look at. */
const terminalSwitches = new Set(["NO_COLOR", "FORCE_COLOR"]);

function isEnvironment(node) {
  return (
    node?.type === "MemberExpression" &&
    node.object.name === "process" &&
    node.property.name === "env"
  );
}

function syntaxProblems(name, path, program) {
  const problems = new Set();
  const allowed = new Set();
  for (const node of nodesOf(program)) {
    if (node.accessibility === "private" && node.kind !== "constructor") {
      problems.add('has a member that is "private": make it #private');
    }
    if (node.decorators?.length > 0) {
      problems.add(
        'uses a decorator: wire the class by "static inject" (a decorator forces reflect-metadata on stand-alone users)',
      );
    }
    if (node.type === "ExportDefaultDeclaration") {
      problems.add("has a default export: export it by name");
    }
    if (node.type === "TSAnyKeyword") {
      problems.add('uses the type "any": write the exact type, or unknown');
    }
    if (
      node.type === "TSInterfaceDeclaration" &&
      /^I[A-Z][a-z]/.test(node.id.name) &&
      node.id.name !== "IStorageProvider"
    ) {
      problems.add(`names an interface ${node.id.name}: drop the I`);
    }
    const variable = node.property?.value ?? node.property?.name;
    if (isEnvironment(node.object) && terminalSwitches.has(variable)) allowed.add(node.object);
    const taken = isEnvironment(node.init) ? (node.id.properties ?? []) : [];
    if (taken.length > 0 && taken.every(({ key }) => terminalSwitches.has(key?.name))) {
      allowed.add(node.init);
    }
    // a program of the package's own has no other way to be configured
    const reads = name === "config" || path === "cli.ts";
    if (isEnvironment(node) && !reads && !allowed.has(node)) {
      problems.add(
        "reads process.env: describe the setting in the package's section; only @infra/config reads the environment",
      );
    }
  }
  return [...problems];
}
