// Writes guides/dependencies.md: what the packages stand on, over what, why, what it installs, and when it was last released.
// The choices and the dates are in dependencies.json; sizes and users are taken from what is installed.
//   node tooling/docs/dependencies.mjs [--check]
import { readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const file = join(import.meta.dirname, "guides", "dependencies.md");
const json = (path) => JSON.parse(readFileSync(path, "utf8"));

/** The third-party packages that the published ones name: `{ name: [[package, isPeer]] }`. */
export function thirdParty() {
  const found = new Map();
  for (const folder of readdirSync(join(root, "packages"))) {
    const { dependencies = {}, peerDependencies = {} } = json(
      join(root, "packages", folder, "package.json"),
    );
    const named = [
      ...Object.keys(dependencies).map((name) => [name, false]),
      ...Object.keys(peerDependencies).map((name) => [name, true]),
    ];
    for (const [name, isPeer] of named) {
      if (name.startsWith("@infra/")) continue;
      found.set(name, [...(found.get(name) ?? []), [folder, isPeer]]);
    }
  }
  return found;
}

/** What is wrong with the list of choices: a package that has none, or one that nobody uses. */
export function choiceProblems(choices, used) {
  const chosen = choices.flatMap(({ names }) => names);
  return [
    ...[...used.keys()]
      .filter((name) => !chosen.includes(name))
      .map((name) => `${name} is not in dependencies.json: say over what it was chosen, and why`),
    ...chosen
      .filter((name) => !used.has(name))
      .map((name) => `${name} is in dependencies.json, and no package uses it`),
  ];
}

/** The folders of a package and of all that it brings, peers left out. */
function installed(folder, found = new Set()) {
  if (found.has(folder)) return found;
  found.add(folder);
  const { name, dependencies = {}, optionalDependencies = {} } = json(join(folder, "package.json"));
  // pnpm puts what a package depends on beside it
  const beside = folder.slice(0, -name.length);
  for (const other of Object.keys({ ...dependencies, ...optionalDependencies })) {
    try {
      installed(realpathSync(join(beside, other)), found);
    } catch (error) {
      // what is for another platform is not there
      if (error.code !== "ENOENT") throw error;
    }
  }
  return found;
}

function bytesOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("/node_modules/.bin"))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function sizeCell(name, users) {
  for (const [folder] of users) {
    try {
      const at = realpathSync(join(root, "packages", folder, "node_modules", name));
      const folders = [...installed(at)];
      const bytes = folders.reduce((sum, each) => sum + bytesOf(each), 0);
      return `${folders.length}, ${(bytes / 1e6).toFixed(1)} MB`;
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
  return "not installed here";
}

function page(choices, used) {
  const rows = choices.map(({ names, over, why, released }) => {
    const users = names.flatMap((name) => used.get(name));
    const by = new Set(users.map(([folder]) => folder));
    const each = (cell) => names.map(cell).join("<br>");
    return `| ${[
      each((name) => `\`${name}\``),
      over,
      why,
      [...by].join(", "),
      each((name) => sizeCell(name, used.get(name))),
      each((name) => released[name]),
    ].join(" | ")} |`;
  });
  return `# What the packages stand on

Written by \`pnpm dependencies\` from \`tooling/docs/dependencies.json\` and what is installed; \`pnpm lint\` fails when a package has a dependency that is not
in it. "Brings" is how many packages one brings, itself included, and their size on disk. "Released" is the latest release when the choice was last
looked at; a package in the table may stay with an earlier one that runs on Node.js 20.

| what | over | why | used by | brings | released |
| ---- | ---- | --- | ------- | ------ | -------- |
${rows.join("\n")}
`;
}

if (process.argv[1] === import.meta.filename) {
  const choices = json(join(dirname(file), "..", "dependencies.json"));
  const used = thirdParty();
  const problems = choiceProblems(choices, used);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else if (!process.argv.includes("--check")) writeFileSync(file, page(choices, used));
}
