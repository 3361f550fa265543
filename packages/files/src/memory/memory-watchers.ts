import { resolve, sep } from "node:path";

import { ChangeQueue } from "../change-queue.js";
import type { FileChange, FileWatch } from "../file-system.js";
import { isInside } from "../is-inside.js";
import type { MemoryNode } from "./memory-tree.js";

interface Watcher {
  readonly path: string;
  readonly recursive: boolean;
  readonly queue: ChangeQueue;
}

/** Who watches what in a memory file system. */
export class MemoryWatchers {
  readonly #watchers = new Set<Watcher>();

  /** `path`: absolute, without links. */
  watch(
    path: string,
    options: { readonly recursive?: boolean; readonly signal?: AbortSignal | undefined },
  ): FileWatch {
    const queue = new ChangeQueue(() => this.#watchers.delete(watcher), options.signal);
    const watcher: Watcher = { path, recursive: options.recursive ?? false, queue };
    this.#watchers.add(watcher);
    return queue;
  }

  /** Tells of a node, and of all below it. */
  announceTree(type: FileChange["type"], path: string, node: MemoryNode): void {
    this.announce(type, path, node);
    if (node.kind !== "directory") return;
    for (const [name, child] of node.entries) this.announceTree(type, resolve(path, name), child);
  }

  announce(type: FileChange["type"], path: string, { kind }: MemoryNode): void {
    for (const { path: root, recursive, queue } of this.#watchers) {
      if (!isInside(root, path)) continue;
      const relativePath = path
        .slice(root.length)
        .split(sep)
        .filter((name) => name !== "")
        .join("/");
      if (!recursive && relativePath.includes("/")) continue;
      if (relativePath !== "" || kind !== "directory") queue.push({ type, relativePath, kind });
      // like a directory on the disk, a watched one ends its watch when it goes
      else if (type === "removed") queue.end();
    }
  }
}
