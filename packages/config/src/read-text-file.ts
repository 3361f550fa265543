import { existsSync, readFileSync } from "node:fs";

import type { Mistake } from "./mistake.js";

/**
 * A file's text; `undefined` when there is none by that name. A folder by that name (a Python environment is often
 * called `.env`) is no file either; one that can't be read is a mistake.
 */
export function readTextFile(file: string, name: string, mistakes: Mistake[]): string | undefined {
  // most of the files that are looked for are not there, and an exception costs ten times the question
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    if (code !== "ENOENT" && code !== "EISDIR" && code !== "ENOTDIR") {
      mistakes.push({
        path: name,
        origin: { layer: "file", source: file },
        problem: `can't be read: ${code}`,
      });
    }
    return undefined;
  }
}
