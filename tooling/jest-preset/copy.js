import { cpSync, mkdtempSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export async function importCopy(packageFolder) {
  const folder = fileURLToPath(packageFolder);
  mkdirSync(join(folder, "test-results"), { recursive: true });
  const copy = mkdtempSync(join(folder, "test-results", "copy-"));
  cpSync(join(folder, "src"), copy, { recursive: true });
  return import(pathToFileURL(join(copy, "index.ts")).href);
}
