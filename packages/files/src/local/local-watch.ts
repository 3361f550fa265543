import { watch, type FSWatcher } from "node:fs";
import * as fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { Clock } from "@infra/interfaces";

import { ChangeQueue } from "../change-queue.js";
import type { FileChange, FileKind, FileWatch } from "../file-system.js";
import { isTemporaryName } from "../temporary-name.js";
import { toFileError } from "../to-file-error.js";

interface Seen {
  readonly kind: FileKind;
  /** What changes when the file does. */
  readonly version: string;
}

interface Watched {
  /** From the root on, with `/` at the end; empty for the root. */
  readonly prefix: string;
  readonly watcher: FSWatcher;
  readonly names: Map<string, Seen>;
  /** The names that the system says have changed since the last look. */
  readonly touched: Set<string>;
}

// what one save does to a file comes as one change
const settleMs = 25;

/**
 * Watches by one `fs.watch` per directory. Its events say only that it is time to look; what has changed is found by
 * comparing names and times with those of the last look, so an event that the system merges or drops loses nothing for long,
 * and a directory that arrives full is reported with all it holds.
 */
export async function watchLocal(
  path: string,
  clock: Clock,
  options: { readonly recursive?: boolean; readonly signal?: AbortSignal | undefined },
): Promise<FileWatch> {
  const isDirectory = (await fs.stat(path)).isDirectory();
  options.signal?.throwIfAborted();
  const watcher = new LocalWatcher(
    isDirectory ? path : dirname(path),
    isDirectory ? undefined : basename(path),
    clock,
    options,
  );
  return watcher.start();
}

class LocalWatcher {
  readonly #root: string;
  readonly #only: string | undefined;
  readonly #clock: Clock;
  readonly #recursive: boolean;
  readonly #queue: ChangeQueue;
  readonly #directories = new Map<string, Watched>();
  readonly #due = new Set<string>();
  #cancelTimer: (() => void) | undefined;
  #looking = false;

  /** @param only - the one name to watch in the root. */
  constructor(
    root: string,
    only: string | undefined,
    clock: Clock,
    options: { readonly recursive?: boolean; readonly signal?: AbortSignal | undefined },
  ) {
    this.#root = root;
    this.#only = only;
    this.#clock = clock;
    this.#recursive = only === undefined && options.recursive === true;
    this.#queue = new ChangeQueue(() => this.#release(), options.signal);
  }

  async start(): Promise<FileWatch> {
    try {
      await this.#enter("", () => undefined);
    } catch (error) {
      await this.#queue.close();
      throw error;
    }
    return this.#queue;
  }

  /** Starts to watch a directory, and reports what is in it. */
  async #enter(prefix: string, report: (change: FileChange) => void): Promise<void> {
    const directory = join(this.#root, prefix);
    const names = new Map<string, Seen>();
    const touched = new Set<string>();
    // before the first look, so that nothing falls between the two
    const watcher = watch(directory, (_type, name) => {
      if (name !== null) touched.add(name);
      this.#lookSoon(prefix);
    });
    watcher.on("error", (error) => this.#failed(directory, error));
    this.#directories.get(prefix)?.watcher.close();
    this.#directories.set(prefix, { prefix, watcher, names, touched });
    // closed while this directory was about to be watched
    if (this.#queue.ended) return this.#release();
    await this.#compare(prefix, report);
  }

  #lookSoon(prefix: string): void {
    if (this.#queue.ended) return;
    this.#due.add(prefix);
    if (this.#looking) return;
    this.#cancelTimer ??= this.#clock.setTimeout(() => {
      this.#cancelTimer = undefined;
      void this.#look();
    }, settleMs);
  }

  async #look(): Promise<void> {
    this.#looking = true;
    // a directory before what it holds: what is new there has to be entered anew
    const due = [...this.#due].toSorted((a, b) => a.length - b.length);
    this.#due.clear();
    try {
      for (const prefix of due) {
        await this.#compare(prefix, (change) => this.#queue.push(change));
      }
    } catch (error) {
      this.#failed(this.#root, error);
    }
    this.#looking = false;
    const [next] = this.#due;
    if (next !== undefined) this.#lookSoon(next);
  }

  /** Finds what is different in one directory since the last look. */
  async #compare(prefix: string, report: (change: FileChange) => void): Promise<void> {
    const watched = this.#directories.get(prefix);
    if (!watched) return;
    const { names, touched } = watched;
    const claims = new Set(touched);
    touched.clear();
    const now = await this.#readNames(prefix);
    for (const [name, before] of names) {
      const { kind } = before;
      if (isSame(before, now?.get(name))) continue;
      names.delete(name);
      if (kind === "directory") this.#leave(`${prefix}${name}/`, report);
      report({ type: "removed", relativePath: this.#relative(prefix, name), kind });
    }
    if (!now) return this.#gone(prefix);
    for (const [name, seen] of now) {
      const before = names.get(name);
      names.set(name, seen);
      const change = { relativePath: this.#relative(prefix, name), kind: seen.kind };
      if (!before) {
        report({ type: "created", ...change });
        if (seen.kind === "directory" && this.#recursive) {
          await this.#enterIfThere(`${prefix}${name}/`, report);
        }
      } else if (
        seen.kind !== "directory" &&
        // two writes within one tick of the file system's clock leave the same time behind
        (before.version !== seen.version || claims.has(name))
      ) {
        report({ type: "changed", ...change });
      }
    }
  }

  async #readNames(prefix: string): Promise<Map<string, Seen> | undefined> {
    const directory = join(this.#root, prefix);
    const found = new Map<string, Seen>();
    try {
      for (const name of await fs.readdir(directory)) {
        if (isTemporaryName(name) || (this.#only !== undefined && name !== this.#only)) continue;
        const seen = await look(join(directory, name));
        if (seen) found.set(name, seen);
      }
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
    return found;
  }

  async #enterIfThere(prefix: string, report: (change: FileChange) => void): Promise<void> {
    try {
      await this.#enter(prefix, report);
    } catch (error) {
      // gone again; its parent will be looked at once more
      if (!isGone(error)) throw error;
    }
  }

  /** Stops watching a directory that is gone, and reports what was in it as removed. */
  #leave(prefix: string, report: (change: FileChange) => void): void {
    const watched = this.#directories.get(prefix);
    if (!watched) return;
    watched.watcher.close();
    this.#directories.delete(prefix);
    for (const [name, { kind }] of watched.names) {
      if (kind === "directory") this.#leave(`${prefix}${name}/`, report);
      report({ type: "removed", relativePath: this.#relative(prefix, name), kind });
    }
  }

  #gone(prefix: string): void {
    this.#directories.get(prefix)?.watcher.close();
    this.#directories.delete(prefix);
    if (prefix === "") this.#queue.end();
  }

  #relative(prefix: string, name: string): string {
    return this.#only === undefined ? prefix + name : "";
  }

  #failed(path: string, error: unknown): void {
    // Windows says so when a watched directory is removed
    if (process.platform === "win32" && (error as NodeJS.ErrnoException).code === "EPERM") return;
    this.#queue.end({ error: toFileError(error, "watch", path) });
  }

  #release(): void {
    this.#cancelTimer?.();
    for (const { watcher } of this.#directories.values()) watcher.close();
    this.#directories.clear();
  }
}

/** Whether a name still stands for the same thing; a directory that was made anew needs a new watcher. */
function isSame(before: Seen, now: Seen | undefined): boolean {
  return (
    before.kind === now?.kind && (before.kind !== "directory" || before.version === now.version)
  );
}

async function look(path: string): Promise<Seen | undefined> {
  try {
    const stats = await fs.lstat(path, { bigint: true });
    const kind = stats.isFile()
      ? "file"
      : stats.isDirectory()
        ? "directory"
        : stats.isSymbolicLink()
          ? "link"
          : "other";
    // what happens in a directory is its own watcher's business
    const version =
      kind === "directory" ? `${stats.ino}` : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
    return { kind, version };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
