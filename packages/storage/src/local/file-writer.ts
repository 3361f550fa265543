import * as fs from "node:fs/promises";
import { dirname } from "node:path";

import {
  DirectoryNotEmptyError,
  FileNotFoundError,
  syncDirectory,
  type Files,
  type Jail,
} from "@infra/files";
import type { Clock, FileMetadata, StoreFileOptions } from "@infra/interfaces";

import { ContentDigest } from "../content-digest.js";
import { attributesOf, type FileAttributes } from "../file-attributes.js";
import { chunksOf } from "../incoming-chunks.js";
import { filePath } from "./file-path.js";
import { localError } from "./local-error.js";
import { hashOfKey, Sidecars, type Sidecar } from "./sidecars.js";
import { StagingArea } from "./staging-area.js";
import { writeContent } from "./write-content.js";

/** Puts files in place, in one step each, and takes them away. */
export class FileWriter {
  readonly #jail: Jail;
  readonly #files: Files;
  readonly #sidecars: Sidecars;
  readonly #staging: StagingArea;
  readonly #clock: Clock;
  readonly #durable: boolean;

  constructor(jail: Jail, files: Files, sidecars: Sidecars, clock: Clock, durable: boolean) {
    this.#jail = jail;
    this.#files = files;
    this.#sidecars = sidecars;
    this.#staging = new StagingArea(files, clock);
    this.#clock = clock;
    this.#durable = durable;
  }

  /** Clears up what processes left behind that were killed. */
  start(): Promise<void> {
    return this.#staging.sweep((hash) => this.#sidecars.tidy(hash));
  }

  stop(): Promise<void> {
    return this.#staging.close();
  }

  async store(key: string, options: StoreFileOptions): Promise<void> {
    const { signal, overwrite = true } = options;
    await this.#work("store", key, async (work) => {
      const staged = `${work}/content`;
      const digest = new ContentDigest(options.sha256?.toLowerCase());
      const handle = await fs.open(await this.#jail.locate(staged), "wx");
      try {
        await writeContent(handle, chunksOf(options.content, signal), digest, options);
        digest.check();
        const sidecar = { ...attributesOf(options), key, crc32: digest.crc32, staged };
        await this.#stamp(handle, work, sidecar, digest.sizeBytes);
      } finally {
        await handle.close();
      }
      signal?.throwIfAborted();
      await this.#name(staged, filePath(key), overwrite);
    });
  }

  /** Gives a file another key. It stays the version that it is, which the target must not be. */
  async move(metadata: FileMetadata, toFileId: string): Promise<void> {
    const { fileId, sizeBytes, modifiedAt, crc32 } = metadata;
    await this.#work("move", toFileId, async (work) => {
      const staged = `${work}/content`;
      // as long as something stands for the content there, the write is under way
      await this.#files.write(staged, "", { durable: false });
      const attributes: FileAttributes = attributesOf({ ...metadata, content: "" });
      const sidecar = { ...attributes, key: toFileId, ...(crc32 && { crc32 }), staged };
      await this.#sidecars.place(work, sidecar, {
        fromMs: modifiedAt.getTime(),
        sizeBytes,
        durable: this.#durable,
        isFixed: true,
      });
      await this.#name(filePath(fileId), filePath(toFileId), true);
    });
    await this.#forget(fileId);
  }

  async delete(fileId: string): Promise<void> {
    if (await this.#jail.removeFile(filePath(fileId))) await this.#forget(fileId);
  }

  /** Does a piece of work in the staging area, and clears up behind it. */
  async #work(
    operation: string,
    key: string,
    work: (folder: string) => Promise<void>,
  ): Promise<void> {
    const hash = hashOfKey(key);
    try {
      const folder = await this.#staging.begin(hash);
      try {
        await work(folder);
      } finally {
        await this.#files.remove(`${folder}/content`);
        await this.#sidecars.tidy(hash);
        await this.#staging.end(folder);
      }
    } catch (error) {
      throw localError(error, operation, key);
    }
  }

  /** Gives content that has no name yet the version which its sidecar is for. */
  async #stamp(
    handle: fs.FileHandle,
    work: string,
    sidecar: Sidecar,
    sizeBytes: number,
  ): Promise<void> {
    const old = await this.#jail.stat(filePath(sidecar.key));
    const fromMs = Math.max(Math.round(this.#clock.now()), (old?.modifiedAt.getTime() ?? 0) + 1);
    const durable = this.#durable;
    const stamp = async (ms: number): Promise<void> => {
      await handle.utimes(new Date(ms), new Date(ms));
      if (durable) await handle.sync();
    };
    const [modifiedMs] = await Promise.all([
      this.#sidecars.place(work, sidecar, { fromMs, sizeBytes, durable, isFixed: false }),
      stamp(fromMs),
    ]);
    if (modifiedMs !== fromMs) await stamp(modifiedMs);
  }

  async #name(from: string, to: string, overwrite: boolean): Promise<void> {
    const folder = dirname(to);
    for (let attempt = 1; ; attempt += 1) {
      const isNew = !(await this.#jail.stat(folder));
      try {
        if (isNew) await this.#jail.makeDirectory(folder);
        await this.#jail.rename(from, to, { overwrite });
      } catch (error) {
        // somebody who deleted the last file there has taken the folder away
        if (FileNotFoundError.is(error) && attempt < 10) continue;
        throw error;
      }
      if (this.#durable) await this.#sync(folder, isNew);
      return;
    }
  }

  async #sync(folder: string, upwards: boolean): Promise<void> {
    try {
      await syncDirectory(await this.#jail.locate(folder));
    } catch (error) {
      // emptied and taken away since
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    if (upwards && folder !== ".") await this.#sync(dirname(folder), upwards);
  }

  /** Removes what is left of a file that is gone: its sidecars, and folders that are empty now. */
  async #forget(fileId: string): Promise<void> {
    await this.#sidecars.tidy(hashOfKey(fileId));
    const path = filePath(fileId);
    if (this.#durable) await this.#sync(dirname(path), false);
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
      try {
        await this.#jail.removeDirectory(folder);
      } catch (error) {
        if (DirectoryNotEmptyError.is(error)) return;
        throw error;
      }
    }
  }
}
