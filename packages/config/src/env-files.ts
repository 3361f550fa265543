import { join } from "node:path";
import { parseEnv } from "node:util";

import type { Mistake } from "./mistake.js";
import { readTextFile } from "./read-text-file.js";

/** One `.env` file that exists. */
export interface EnvFile {
  /** As people call it: `.env.local`. */
  readonly name: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the `.env` files of a folder, the strongest first: `.env.<environment>.local`, `.env.local` (not in tests, which
 * have to give the same result for everybody), `.env.<environment>`, `.env`. A `NODE_ENV` in `.env` names the
 * environment where the real one has none.
 */
export function readEnvFiles(
  folder: string,
  nodeEnv: string | undefined,
  mistakes: Mistake[],
): { readonly environment: string; readonly files: readonly EnvFile[] } {
  const read = (name: string): EnvFile | undefined => {
    const text = readTextFile(join(folder, name), name, mistakes);
    return text === undefined ? undefined : { name, variables: parseEnv(text) };
  };
  const base = read(".env");
  const environment = nodeEnv || base?.variables["NODE_ENV"] || "development";
  const files = [
    read(`.env.${environment}.local`),
    environment === "test" ? undefined : read(".env.local"),
    read(`.env.${environment}`),
    base,
  ];
  return { environment, files: files.filter((file) => file !== undefined) };
}
