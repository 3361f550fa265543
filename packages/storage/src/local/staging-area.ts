import { join } from "node:path";

import {
  DirectoryNotEmptyError,
  FileLockedError,
  FileNotFoundError,
  isTemporaryName,
  type FileLock,
  type Files,
} from "@infra/files";
import type { Clock } from "@infra/interfaces";

import { ownFolder } from "./file-path.js";

const folder = `${ownFolder}/writers`;
/** How old something unfinished must be when nothing says whose it is. */
const abandonedMs = 60_000;

interface Desk {
  readonly path: string;
  readonly lock: FileLock;
}

/**
 * Where files are prepared before they get their names. Each process has a folder here and holds its lock, so that what one
 * leaves behind that was killed can be told from what another is working on.
 */
export class StagingArea {
  readonly #files: Files;
  readonly #clock: Clock;
  #desk: Promise<Desk> | undefined;
  #works = 0;

  constructor(files: Files, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** Makes an empty folder for one piece of work. Its name begins with `name` and a dash. */
  async begin(name: string): Promise<string> {
    const { path } = await this.#open();
    const work = `${path}/${name}-${(this.#works += 1)}`;
    await this.#files.makeDirectory(work);
    return work;
  }

  /** Removes the folder of a piece of work with what is left in it. */
  async end(work: string): Promise<void> {
    await this.#files.remove(work, { recursive: true });
  }

  /** Removes what processes left behind that have ended; `recover` is told the name of each piece of work. */
  async sweep(recover: (name: string) => Promise<void>): Promise<void> {
    await this.#files.makeDirectory(folder);
    const desks = new Set<string>();
    for (const { name } of await this.#files.list(folder)) {
      if (isTemporaryName(name)) await this.#removeAbandoned(join(folder, name));
      else desks.add(name.replace(/\.lock$/, ""));
    }
    for (const name of desks) await this.#sweepDesk(`${folder}/${name}`, recover);
  }

  /** Gives the folder of this process back. */
  async close(): Promise<void> {
    const desk = await this.#desk?.catch(() => undefined);
    this.#desk = undefined;
    if (!desk) return;
    try {
      await this.#files.remove(desk.path);
    } catch (error) {
      // somebody is still at work: whoever starts next will clear it up
      if (!DirectoryNotEmptyError.is(error)) throw error;
    } finally {
      await desk.lock.release();
    }
  }

  async #open(): Promise<Desk> {
    for (;;) {
      const opening = (this.#desk ??= this.#make());
      const desk = await opening.catch((error: unknown) => {
        this.#clear(opening);
        throw error;
      });
      if (!desk.lock.signal.aborted) return desk;
      // a process that stood still for long was taken for dead, and its folder is gone
      this.#clear(opening);
    }
  }

  /** Unless somebody has opened another since. */
  #clear(desk: Promise<Desk>): void {
    if (this.#desk === desk) this.#desk = undefined;
  }

  async #make(): Promise<Desk> {
    const path = `${folder}/${crypto.randomUUID()}`;
    await this.#files.makeDirectory(folder);
    const lock = await this.#files.lock(path, { staleAfter: "5m" });
    await this.#files.makeDirectory(path);
    return { path, lock };
  }

  async #sweepDesk(path: string, recover: (name: string) => Promise<void>): Promise<void> {
    let lock: FileLock;
    try {
      lock = await this.#files.lock(path, { staleAfter: "5m" });
    } catch (error) {
      if (FileLockedError.is(error)) return;
      throw error;
    }
    try {
      const works = await this.#listIfAny(path);
      for (const work of works) await this.#files.remove(`${path}/${work}`, { recursive: true });
      for (const work of works) await recover(work.replace(/-\d+$/, ""));
      await this.#files.remove(path, { recursive: true });
    } finally {
      await lock.release();
    }
  }

  async #listIfAny(path: string): Promise<string[]> {
    try {
      return (await this.#files.list(path)).map(({ name }) => name);
    } catch (error) {
      if (FileNotFoundError.is(error)) return [];
      throw error;
    }
  }

  async #removeAbandoned(path: string): Promise<void> {
    const stat = await this.#files.fileSystem.stat(path);
    if (!stat || this.#clock.now() - stat.modifiedAt.getTime() < abandonedMs) return;
    await this.#files.remove(path, { recursive: true });
  }
}
