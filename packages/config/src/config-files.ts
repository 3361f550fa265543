import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import type { Mistake } from "./mistake.js";
import { readTextFile } from "./read-text-file.js";

type Tree = Readonly<Record<string, unknown>>;

/** One configuration file that exists. */
export interface ConfigFile {
  /** Relative to the folder: `config/default.yaml`. */
  readonly name: string;
  readonly tree: Tree;
}

/**
 * Reads `config/<environment>.*` and `config/default.*` of a folder, the strongest first. Of one name, `.yml` is stronger
 * than `.yaml`, and that than `.json`.
 */
export function readConfigFiles(
  folder: string,
  environment: string,
  mistakes: Mistake[],
): readonly ConfigFile[] {
  const files: ConfigFile[] = [];
  if (!existsSync(join(folder, "config"))) return files;
  for (const base of [environment, "default"]) {
    for (const extension of ["yml", "yaml", "json"]) {
      const name = `config/${base}.${extension}`;
      const text = readTextFile(join(folder, name), name, mistakes);
      if (text === undefined || text.trim() === "") continue;
      const refuse = (problem: string): void => {
        mistakes.push({ path: name, origin: { layer: "file", source: name }, problem });
      };
      const tree = extension === "json" ? parseJson(text, refuse) : parseYaml(text, refuse);
      if (isTree(tree)) files.push({ name, tree });
      else if (tree !== undefined) refuse("must hold sections: an object at the top");
    }
  }
  return files;
}

/** Whether a value is an object to descend into. */
export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// The parsers' own messages quote the text around the mistake, which may be a secret: only the place is told.

function parseJson(text: string, refuse: (problem: string) => void): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const before = position === undefined ? undefined : text.slice(0, Number(position));
    refuse(
      `is not valid JSON${before === undefined ? "" : ` (line ${before.split("\n").length})`}`,
    );
    return undefined;
  }
}

function parseYaml(text: string, refuse: (problem: string) => void): unknown {
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    refuse(`is not valid YAML (line ${lines.linePos(error.pos[0]).line}, ${error.code})`);
    return undefined;
  }
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    // an alias that points nowhere, or too many of them
    refuse(`is not valid YAML (${(cause as Error).name})`);
    return undefined;
  }
}

/** The parser takes longer to load than everything else here, so it is loaded with the first YAML file. */
function yaml(): typeof import("yaml") {
  return createRequire(import.meta.url)("yaml") as typeof import("yaml");
}
