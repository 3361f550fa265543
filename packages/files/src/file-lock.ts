import { dirname, join } from "node:path";

import { toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { toChunks } from "./chunks.js";
import {
  DirectoryNotEmptyError,
  FileExistsError,
  FileLockedError,
  FileLockLostError,
  FileNotFoundError,
  AccessDeniedError,
} from "./errors.js";
import type { FileSystem } from "./file-system.js";
import { hasEnded, thisProcess, type ProcessIdentity } from "./process-identity.js";
import { removeTree } from "./remove-tree.js";
import { temporaryName } from "./temporary-name.js";

/** Options of `Files.lock`. */
export interface LockOptions {
  /** How long to wait for the lock. @default 0, an error at once */
  readonly wait?: Duration;
  /**
   * After how long without a heartbeat a holder counts as gone. One whose process has ended on this machine counts as gone
   * at once. Clocks of machines that share a disk have to agree better than this. @default "30s"
   */
  readonly staleAfter?: Duration;
  readonly signal?: AbortSignal;
}

interface Owner extends ProcessIdentity {
  readonly since: string;
}

const pollMs = 50;

/**
 * A lock that processes keep by agreement: `await using lock = await files.lock(path)`. Its heartbeat needs a free event
 * loop: who is blocked for longer than `staleAfter` may lose it, which aborts `signal`.
 */
export class FileLock implements AsyncDisposable {
  /** What is locked. */
  readonly path: string;
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #staleMs: number;
  readonly #lost = new AbortController();
  #cancelBeat: () => void = () => undefined;
  #beating: Promise<void> | undefined;
  #lastBeat: number;
  #released = false;

  constructor(
    fileSystem: FileSystem,
    path: string,
    held: { readonly directory: string; readonly name: string },
    clock: Clock,
    staleMs: number,
  ) {
    this.path = path;
    this.#fileSystem = fileSystem;
    this.#directory = held.directory;
    this.#name = held.name;
    this.#clock = clock;
    this.#staleMs = staleMs;
    this.#lastBeat = clock.monotonic();
    this.#schedule();
  }

  /** Aborts with a FileLockLostError when somebody has taken the lock over. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Gives the lock free. Does nothing the second time, or when it was lost. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    this.#cancelBeat();
    await this.#beating;
    await evict(this.#fileSystem, this.#directory, this.#name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #schedule(): void {
    const beat = () => {
      this.#beating = this.#beat();
    };
    this.#cancelBeat = this.#clock.setTimeout(beat, this.#staleMs / 4, { unref: true });
  }

  async #beat(): Promise<void> {
    try {
      await this.#fileSystem.touch(join(this.#directory, this.#name), new Date(this.#clock.now()));
      this.#lastBeat = this.#clock.monotonic();
    } catch (error) {
      // a disk that fails for a moment is no reason to give up: until it is stale, the lock holds
      const isStale = this.#clock.monotonic() - this.#lastBeat > this.#staleMs;
      if (isStale || FileNotFoundError.is(error)) return this.#lose(error);
    }
    if (!this.#released) this.#schedule();
  }

  #lose(cause: unknown): void {
    this.#lost.abort(
      new FileLockLostError(`the lock of ${this.path} was taken over or removed`, {
        details: { path: this.path },
        publicMessage: "A lock was lost.",
        cause,
      }),
    );
  }
}

/**
 * Takes the lock of a path: the directory `<path>.lock`, which holds one file that names the holder. It is filled beside its
 * place and renamed into it, which only one can do, as a full directory is never replaced. The holder's file has a name of
 * its own, so removing a stale one can't remove the next holder's.
 *
 * @throws FileLockedError when somebody else holds it until the end of `wait`; the signal's reason.
 */
export async function acquireLock(
  fileSystem: FileSystem,
  path: string,
  clock: Clock,
  options: LockOptions = {},
): Promise<FileLock> {
  const { signal } = options;
  const waitMs = toMilliseconds(options.wait ?? 0, "wait");
  const staleMs = toMilliseconds(options.staleAfter ?? "30s", "staleAfter");
  if (staleMs < 100) throw new RangeError(`staleAfter must be at least 100 ms; got ${staleMs}`);
  signal?.throwIfAborted();
  const directory = `${fileSystem.resolve(path)}.lock`;
  const name = crypto.randomUUID();
  const prepared = join(dirname(directory), temporaryName());
  const until = clock.monotonic() + waitMs;
  const owner: Owner = { ...(await thisProcess()), since: new Date(clock.now()).toISOString() };
  try {
    await fileSystem.makeDirectory(prepared);
    await fileSystem.write(join(prepared, name), toChunks(JSON.stringify(owner)), {
      durable: false,
    });
    for (;;) {
      await fileSystem.touch(join(prepared, name), new Date(clock.now()));
      if (await takePlace(fileSystem, prepared, directory)) {
        return new FileLock(fileSystem, path, { directory, name }, clock, staleMs);
      }
      const holder = await lookAt(fileSystem, directory, clock, staleMs);
      if (holder === "gone") continue;
      if (clock.monotonic() >= until) throw lockedBy(path, holder);
      await pause(clock, pollMs * (0.5 + Math.random()), signal);
    }
  } finally {
    await removeTree(fileSystem, prepared);
  }
}

async function takePlace(fileSystem: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    await fileSystem.rename(from, to, { overwrite: false });
    return true;
  } catch (error) {
    // which of them depends on the system; on Windows it is the last
    if (DirectoryNotEmptyError.is(error) || FileExistsError.is(error)) return false;
    if (AccessDeniedError.is(error) && (await fileSystem.stat(to))) return false;
    throw error;
  }
}

/** Who holds the lock; a stale holder is removed. `gone` when it is worth another try at once. */
async function lookAt(
  fileSystem: FileSystem,
  directory: string,
  clock: Clock,
  staleMs: number,
): Promise<Owner | undefined | "gone"> {
  try {
    for await (const { name } of fileSystem.list(directory)) {
      const stat = await fileSystem.stat(join(directory, name), { followLinks: false });
      if (!stat) return "gone";
      const owner = await readOwner(fileSystem, join(directory, name));
      const isStale = clock.now() - stat.modifiedAt.getTime() > staleMs;
      if (!isStale && !(owner && (await hasEnded(owner)))) return owner;
      await evict(fileSystem, directory, name);
      return "gone";
    }
    // emptied by somebody who did not come to remove it; only an empty one can be removed
    await evict(fileSystem, directory, undefined);
  } catch (error) {
    if (!FileNotFoundError.is(error)) throw error;
  }
  return "gone";
}

async function readOwner(fileSystem: FileSystem, path: string): Promise<Owner | undefined> {
  const parts: Uint8Array[] = [];
  for await (const part of fileSystem.read(path)) parts.push(part);
  try {
    const value = JSON.parse(Buffer.concat(parts).toString()) as Partial<Owner> | null;
    const known = typeof value?.pid === "number" && typeof value.realm === "string";
    return known ? (value as Owner) : undefined;
  } catch {
    // not written by this package: only its age can tell
    return undefined;
  }
}

async function evict(fileSystem: FileSystem, directory: string, name?: string): Promise<void> {
  if (name !== undefined && !(await fileSystem.removeFile(join(directory, name)))) return;
  try {
    await fileSystem.removeDirectory(directory);
  } catch (error) {
    // the next holder has come in between
    if (!DirectoryNotEmptyError.is(error) && !FileExistsError.is(error)) throw error;
  }
}

function lockedBy(path: string, owner: Owner | undefined): Error {
  const who = owner ? `process ${owner.pid} on ${owner.host} since ${owner.since}` : "somebody";
  return new FileLockedError(`${path} is locked by ${who}`, {
    details: {
      path,
      ...(owner && { pid: owner.pid, host: owner.host, since: owner.since }),
    },
    publicMessage: "It is locked by somebody else.",
  });
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
