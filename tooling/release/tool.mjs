import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The script of a tool that this package depends on, to be run by node. */
export function tool(name, binary = name) {
  const folder = join(import.meta.dirname, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[binary]);
}
