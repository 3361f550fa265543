import { closeSync, fsyncSync, openSync } from "node:fs";

import { NodeFS } from "@electric-sql/pglite/nodefs";

/** What this file touches of the file system that the engine was compiled with. */
interface NodeFileSystem {
  stream_ops: { fsync?: (stream: { readonly nfd?: number; readonly node: unknown }) => number };
  realPath(node: unknown): string;
}

type InitArguments = Parameters<NodeFS["init"]>;

/** A directory on the disk whose files PostgreSQL can force to the disk: PGlite's own has no fsync. */
export class DurableFileSystem extends NodeFS {
  readonly #onSync: () => void;

  constructor(directory: string, onSync: () => void) {
    super(directory);
    this.#onSync = onSync;
  }

  override async init(
    pglite: InitArguments[0],
    options: InitArguments[1],
  ): ReturnType<NodeFS["init"]> {
    const result = await super.init(pglite, options);
    const addFsync = (module: object): void => {
      const fileSystem = (module as { NODEFS: NodeFileSystem }).NODEFS;
      fileSystem.stream_ops.fsync = ({ nfd, node }) => {
        if (nfd === undefined) syncFolder(fileSystem.realPath(node));
        else fsyncSync(nfd);
        this.#onSync();
        return 0;
      };
    };
    result.emscriptenOpts.preRun?.push(addFsync);
    return result;
  }
}

/** Makes the names in a folder durable. Windows has no such thing, and needs none. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
