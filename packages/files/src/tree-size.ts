import type { FileSystem } from "./file-system.js";
import { fileError } from "./to-file-error.js";
import { walk } from "./walk.js";

/** What `Files.size` counts. */
export interface TreeSize {
  /** The lengths of all files together. */
  readonly bytes: number;
  readonly files: number;
  readonly directories: number;
}

/** How much a file, or a directory with all below it, holds. Links count as files of no length. */
export async function treeSize(
  fileSystem: FileSystem,
  path: string,
  options: { readonly signal?: AbortSignal },
): Promise<TreeSize> {
  const stat = await fileSystem.stat(path, { followLinks: false });
  if (!stat) throw fileError("ENOENT", "stat", path);
  if (stat.kind !== "directory") return { bytes: stat.sizeBytes, files: 1, directories: 0 };
  const total = { bytes: 0, files: 0, directories: 0 };
  for await (const entry of walk(fileSystem, path, options)) {
    if (entry.kind === "directory") total.directories += 1;
    else total.files += 1;
    if (entry.kind !== "file") continue;
    // it may be gone by now
    total.bytes += (await fileSystem.stat(entry.path))?.sizeBytes ?? 0;
  }
  return total;
}
