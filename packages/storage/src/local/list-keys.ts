import { FileNotFoundError, type FileSystem } from "@infra/files";

import { compareKeys } from "../page-of.js";
import { ownFolder } from "./file-path.js";

/**
 * The keys of the files in a folder and below, in the order of their bytes. Folders that can hold none of them are not
 * entered.
 *
 * @param wanted.after only keys behind this one.
 */
export async function* listKeys(
  fileSystem: FileSystem,
  wanted: { readonly prefix: string; readonly after?: string | undefined },
  base = "",
): AsyncGenerator<string> {
  const { prefix, after } = wanted;
  for (const name of await namesIn(fileSystem, base)) {
    const key = base + name;
    if (name.endsWith("/")) {
      const mayMatch = key.startsWith(prefix) || prefix.startsWith(key);
      const isBehind = after === undefined || after.startsWith(key) || compareKeys(key, after) > 0;
      if (mayMatch && isBehind) yield* listKeys(fileSystem, wanted, key);
    } else if (key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0)) {
      yield key;
    }
  }
}

/** Files and folders, these with a `/`, which is what puts them where the keys below them belong. */
async function namesIn(fileSystem: FileSystem, base: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, kind } of fileSystem.list(base === "" ? "." : base)) {
      if (base === "" && name === ownFolder) continue;
      if (kind === "file") names.push(name);
      if (kind === "directory") names.push(`${name}/`);
    }
  } catch (error) {
    // nothing was stored yet, or somebody emptied it
    if (!FileNotFoundError.is(error)) throw error;
  }
  return names.toSorted(compareKeys);
}
