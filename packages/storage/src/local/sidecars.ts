import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import { dirname } from "node:path";

import {
  FileExistsError,
  FileNotFoundError,
  InvalidContentError,
  syncDirectory,
  type Files,
  type FileStat,
  type Jail,
} from "@infra/files";

import type { FileAttributes } from "../file-attributes.js";
import { filePath, ownFolder } from "./file-path.js";

const folder = `${ownFolder}/meta`;

/** What stands beside a file that can't hold it itself. */
export interface Sidecar extends FileAttributes {
  readonly key: string;
  readonly crc32?: string;
  /** Where the content was before it got its name: as long as it is there, the write is under way. */
  readonly staged: string;
}

/** What a version of a file is known by: it stays with the content when that gets its name, and no two are alike. */
export function versionOf(modifiedMs: number, sizeBytes: number): string {
  return `${modifiedMs.toString(36)}-${sizeBytes.toString(36)}`;
}

/** The version that a file has. */
export function versionOfStat({
  modifiedAt,
  sizeBytes,
}: Pick<FileStat, "modifiedAt" | "sizeBytes">): string {
  return versionOf(modifiedAt.getTime(), sizeBytes);
}

/** Stands for a key in the names of its sidecars. */
export function hashOfKey(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}

/**
 * What is remembered of files, in files of their own, one for each version of a key. That of a new version is in place
 * before the new content gets its name, and that of the old one stays until then: at any moment, and after any crash, the
 * content that is there has the sidecar that belongs to it.
 */
export class Sidecars {
  readonly #jail: Jail;
  readonly #files: Files;

  constructor(jail: Jail, files: Files) {
    this.#jail = jail;
    this.#files = files;
  }

  /**
   * Puts a sidecar in place for a version that is about to be, and resolves to the time of modification which makes that
   * version: the one asked for, or one as soon after it as is not taken.
   *
   * @param work the folder of this piece of work in the staging area.
   * @param wanted.isFixed whether it must be the one asked for; then a sidecar that is in its place is replaced.
   */
  async place(
    work: string,
    sidecar: Sidecar,
    wanted: {
      readonly fromMs: number;
      readonly sizeBytes: number;
      readonly durable: boolean;
      readonly isFixed: boolean;
    },
  ): Promise<number> {
    const { fromMs, sizeBytes, durable, isFixed } = wanted;
    const staged = `${work}/meta.json`;
    const handle = await fs.open(await this.#jail.locate(staged), "wx");
    try {
      await handle.writeFile(JSON.stringify(sidecar));
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    const hash = hashOfKey(sidecar.key);
    await this.#files.makeDirectory(bucketOf(hash));
    for (let ms = fromMs; ; ms += 1) {
      const place = pathOf(hash, versionOf(ms, sizeBytes));
      try {
        await this.#jail.rename(staged, place, { overwrite: isFixed });
      } catch (error) {
        if (FileExistsError.is(error)) continue;
        throw error;
      }
      if (durable) await syncDirectory(dirname(await this.#jail.locate(place)));
      return ms;
    }
  }

  /** What is remembered of a version; `undefined` when nothing is. */
  async read(key: string, version: string): Promise<Sidecar | undefined> {
    return this.#readIfAny(pathOf(hashOfKey(key), version));
  }

  /** Removes the sidecars of versions of a key that are no more and will not be. */
  async tidy(hash: string): Promise<void> {
    for (const name of await this.#namesOf(hash)) {
      const path = `${bucketOf(hash)}/${name}`;
      const sidecar = await this.#readIfAny(path);
      // in this order: what is neither staged nor, then, in place will never be
      if (sidecar && (await this.#jail.stat(sidecar.staged))) continue;
      const stat = sidecar && (await this.#jail.stat(filePath(sidecar.key)));
      if (stat && name === `${hash}.${versionOfStat(stat)}.json`) continue;
      await this.#jail.removeFile(path);
    }
  }

  async #namesOf(hash: string): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (const { name } of this.#jail.list(bucketOf(hash))) {
        if (name.startsWith(`${hash}.`)) names.push(name);
      }
    } catch (error) {
      if (!FileNotFoundError.is(error)) throw error;
    }
    return names;
  }

  async #readIfAny(path: string): Promise<Sidecar | undefined> {
    try {
      return await this.#files.readJson<Sidecar>(path);
    } catch (error) {
      // not JSON: a power cut, where it was not to be durable
      if (FileNotFoundError.is(error) || InvalidContentError.is(error)) return undefined;
      throw error;
    }
  }
}

// 4,096 folders, so that none gets long
const bucketOf = (hash: string): string => `${folder}/${hash.slice(0, 3)}`;

const pathOf = (hash: string, version: string): string =>
  `${bucketOf(hash)}/${hash}.${version}.json`;
