import { join } from "node:path";

import type { FileKind, FileSystem } from "./file-system.js";

/** Options of `Files.walk`. */
export interface WalkOptions {
  /** Only what matches one of these, by the path from the start on: `"**\/*.ts"`. @default everything */
  readonly glob?: string | readonly string[];
  /** Not what matches one of these; a directory that does is not entered. */
  readonly ignore?: string | readonly string[];
  /** How many directories deep; 1 is what stands in the directory itself. @default Infinity */
  readonly depth?: number;
  /** Only these kinds. @default all */
  readonly kinds?: readonly FileKind[];
  /** Whether `*` in `glob` matches a name that begins with a dot. @default false */
  readonly dot?: boolean;
  readonly signal?: AbortSignal;
}

/** One find of `Files.walk`. */
export interface WalkEntry {
  /** The path that was walked, and `relativePath`. */
  readonly path: string;
  /** From the start on, with `/` between names. */
  readonly relativePath: string;
  readonly name: string;
  readonly kind: FileKind;
  /** 1 for what stands in the directory itself. */
  readonly depth: number;
}

interface Filter {
  readonly wants: (relativePath: string) => boolean;
  readonly enters: (relativePath: string) => boolean;
  readonly ignores: (relativePath: string) => boolean;
}

const everything: Filter = { wants: () => true, enters: () => true, ignores: () => false };

/**
 * What is in a directory and below it, a directory before what it holds, in the order in which the disk has it. Links are
 * reported, not followed.
 *
 * @throws RangeError when `depth` is not a number from 1.
 */
export async function* walk(
  fileSystem: FileSystem,
  start: string,
  options: WalkOptions = {},
): AsyncGenerator<WalkEntry> {
  const { depth = Infinity, kinds, signal } = options;
  if (typeof depth !== "number" || !(depth >= 1)) {
    throw new RangeError(`depth must be a number from 1; got ${String(depth)}`);
  }
  const filter = await createFilter(options);
  const visit = async function* (
    path: string,
    prefix: string,
    level: number,
  ): AsyncGenerator<WalkEntry> {
    signal?.throwIfAborted();
    for await (const { name, kind } of fileSystem.list(path)) {
      signal?.throwIfAborted();
      const relativePath = prefix + name;
      if (filter.ignores(relativePath)) continue;
      const entry = { path: join(path, name), relativePath, name, kind, depth: level };
      if ((!kinds || kinds.includes(kind)) && filter.wants(relativePath)) yield entry;
      if (kind === "directory" && level < depth && filter.enters(relativePath)) {
        yield* visit(entry.path, `${relativePath}/`, level + 1);
      }
    }
  };
  yield* visit(start, "", 1);
}

async function createFilter({ glob, ignore, dot = false }: WalkOptions): Promise<Filter> {
  if (glob === undefined && ignore === undefined) return everything;
  const { default: picomatch } = await import("picomatch");
  const globs = glob === undefined ? undefined : [glob].flat();
  // what stands before the first wildcard: only directories on the way there, or below it, can hold a match
  const bases = globs?.map((each) => picomatch.scan(each).base);
  return {
    wants: globs ? picomatch(globs, { dot }) : () => true,
    ignores: ignore === undefined ? () => false : picomatch([ignore].flat(), { dot: true }),
    enters: (path) =>
      !bases ||
      bases.some(
        (base) =>
          base === "" ||
          base === path ||
          path.startsWith(`${base}/`) ||
          base.startsWith(`${path}/`),
      ),
  };
}
