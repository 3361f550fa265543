import { dirname, basename, parse, resolve, sep } from "node:path";

import { fileError } from "../to-file-error.js";

interface NodeBase {
  mode: number;
  modifiedAt: number;
  readonly createdAt: number;
}

/** A file held in memory. Its bytes are replaced, never changed. */
export interface MemoryFile extends NodeBase {
  readonly kind: "file";
  bytes: Uint8Array;
}

/** A directory held in memory. */
export interface MemoryDirectory extends NodeBase {
  readonly kind: "directory";
  readonly entries: Map<string, MemoryNode>;
}

/** A symbolic link held in memory. */
export interface MemoryLink extends NodeBase {
  readonly kind: "link";
  readonly target: string;
}

export type MemoryNode = MemoryFile | MemoryDirectory | MemoryLink;

/** Where a path ends: the directory, the name in it, and what stands there. The root has no directory. */
export interface Place {
  /** The path with the links on the way resolved. */
  readonly path: string;
  readonly parent: MemoryDirectory | undefined;
  readonly name: string;
  readonly node: MemoryNode | undefined;
}

const maxLinks = 40;

/** Directories, files and links under one root, and how a path finds its way through them. */
export class MemoryTree {
  readonly root: MemoryDirectory;

  constructor(root: MemoryDirectory) {
    this.root = root;
  }

  /**
   * Finds where a path ends, going through links on the way, and through one at the end if `followLinks`.
   *
   * @throws FileNotFoundError when a directory on the way is missing, WrongKindError when it is none.
   */
  find(path: string, operation: string, followLinks = true): Place {
    let { root: at } = parse(path);
    const names = split(path);
    let parents: MemoryDirectory[] = [this.root];
    for (let links = 0; names.length > 0;) {
      const name = names.shift()!;
      const parent = parents.at(-1)!;
      if (name === "..") {
        if (parents.length > 1) parents.pop();
        at = dirname(at);
        continue;
      }
      const node = parent.entries.get(name);
      const here = resolve(at, name);
      if (node?.kind === "link" && (followLinks || names.length > 0)) {
        links += 1;
        if (links > maxLinks) throw fileError("ELOOP", operation, path);
        names.unshift(...split(node.target));
        if (parse(node.target).root !== "") {
          parents = [this.root];
          at = parse(node.target).root;
        }
        continue;
      }
      if (names.length === 0) return { path: here, parent, name, node };
      if (!node) throw fileError("ENOENT", operation, path);
      if (node.kind !== "directory") throw fileError("ENOTDIR", operation, path);
      parents.push(node);
      at = here;
    }
    const node = parents.at(-1)!;
    return { path: at, parent: parents.at(-2), name: basename(at), node };
  }
}

function split(path: string): string[] {
  const { root } = parse(path);
  return path
    .slice(root.length)
    .split(sep)
    .filter((name) => name !== "" && name !== ".");
}
