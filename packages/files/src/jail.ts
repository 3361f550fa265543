import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

import { OutsideRootError, SymbolicLinkError } from "./errors.js";
import type {
  DirectoryEntry,
  DiskSpace,
  FileStat,
  FileSystem,
  FileWatch,
  FollowOptions,
  ReadRange,
  WriteOptions,
} from "./file-system.js";
import { isInside } from "./is-inside.js";
import { LocalFileSystem } from "./local/local-file-system.js";
import { PathQueue } from "./path-queue.js";
import { fileError } from "./to-file-error.js";

/** Options of {@link Jail}. */
export interface JailOptions {
  /**
   * What happens at a symbolic link below the root: `refuse` it, or follow it as long as it stays `inside`.
   *
   * @default "refuse"
   */
  readonly links?: "refuse" | "inside";
  /** Where temporary files belong: a directory below the root, made when it is needed. @default ".tmp" */
  readonly temporaryDirectory?: string;
  /** How many writes may wait for one file; more are an error. @default 1000 */
  readonly maxQueuedWrites?: number;
}

/** Collaborators of {@link Jail}. */
export interface JailDependencies {
  /** What the jail is in. @default new LocalFileSystem() */
  readonly fileSystem?: FileSystem;
}

const maxLinks = 40;

/**
 * A file system that ends at one directory: relative paths start there, and every path is checked before it is used, each
 * link on the way and at the end included. What a path may say comes from outside; what may change directories in the jail
 * into links between the check and the use does not: somebody who can do that is not kept in.
 */
export class Jail implements FileSystem {
  /** The directory that nothing leads out of. */
  readonly root: string;
  readonly temporaryDirectory: string;
  readonly #links: "refuse" | "inside";
  readonly #inner: FileSystem;
  // checking takes several steps; without a queue here, writes could overtake each other on the way
  readonly #writes: PathQueue;

  /** @throws TypeError when the root is empty or `links` is unknown. */
  constructor(root: string, options: JailOptions = {}, deps: JailDependencies = {}) {
    const { links = "refuse", temporaryDirectory = ".tmp" } = options;
    if (typeof root !== "string" || root === "") {
      throw new TypeError(`root must be the path of a directory; got ${JSON.stringify(root)}`);
    }
    if (links !== "refuse" && links !== "inside") {
      throw new TypeError(`links must be "refuse" or "inside"; got ${JSON.stringify(links)}`);
    }
    this.#inner = deps.fileSystem ?? new LocalFileSystem();
    this.#links = links;
    this.#writes = new PathQueue(options.maxQueuedWrites ?? 1000);
    this.root = this.#inner.resolve(root);
    this.temporaryDirectory = this.resolve(temporaryDirectory);
  }

  /**
   * A path as the absolute one that it stands for, checked as text: links are not looked at, which `locate` does.
   *
   * @throws OutsideRootError when it leads out of the root, or holds a zero byte.
   */
  resolve(path: string): string {
    if (!path.includes("\0")) {
      const full = resolve(this.root, path);
      if (isInside(this.root, full)) return full;
    }
    throw outside(path);
  }

  /**
   * The path that may be used for a path from outside: absolute, no link in it. The end may be missing.
   *
   * @param options - with `followLinks: false` a link at the very end is left as it is, to be removed, say.
   * @throws OutsideRootError when it leads out of the root, SymbolicLinkError when a link is on the way and links are
   * refused.
   */
  async locate(path: string, { followLinks = true }: FollowOptions = {}): Promise<string> {
    const full = this.resolve(path);
    const root = await this.#realRoot();
    let at = root;
    const names = namesOf(relative(this.root, full));
    for (let links = 0; names.length > 0;) {
      const name = names.shift()!;
      const here = name === ".." ? dirname(at) : join(at, name);
      if (!isInside(root, here)) throw outside(path);
      const kind = (await this.#inner.stat(here, { followLinks: false }))?.kind;
      if (kind !== "link" || (names.length === 0 && !followLinks)) {
        at = here;
        continue;
      }
      links += 1;
      if (this.#links === "refuse" || links > maxLinks) throw linked(path);
      const target = await this.#inner.readLink(here);
      if (isAbsolute(target)) {
        const base = [root, this.root].find((each) => isInside(each, target));
        if (base === undefined) throw outside(path);
        names.unshift(...namesOf(relative(base, target)));
        at = root;
      } else {
        names.unshift(...namesOf(target));
      }
    }
    return at;
  }

  async stat(path: string, options?: FollowOptions): Promise<FileStat | undefined> {
    // what is at the place that was checked, and not behind a link that has come there since
    return this.#inner.stat(await this.locate(path, options), { followLinks: false });
  }

  async *list(path: string): AsyncGenerator<DirectoryEntry> {
    yield* this.#inner.list(await this.locate(path));
  }

  async *read(path: string, options?: ReadRange): AsyncGenerator<Uint8Array> {
    yield* this.#inner.read(await this.locate(path, options), { ...options, followLinks: false });
  }

  async write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<void> {
    await this.#writes.run(this.resolve(path), options?.signal, async () => {
      const target = await this.#locateBelow(path, options);
      await this.#inner.write(target, content, { ...options, followLinks: false });
    });
  }

  async append(path: string, content: Uint8Array, options?: WriteOptions): Promise<void> {
    await this.#writes.run(this.resolve(path), options?.signal, async () => {
      const target = await this.#locateBelow(path, options);
      await this.#inner.append(target, content, { ...options, followLinks: false });
    });
  }

  async makeDirectory(path: string, options?: { readonly mode?: number }): Promise<void> {
    await this.#inner.makeDirectory(await this.locate(path), options);
  }

  async rename(
    from: string,
    to: string,
    options?: { readonly overwrite?: boolean },
  ): Promise<void> {
    const source = await this.#locateBelow(from, { followLinks: false });
    const target = await this.#locateBelow(to, { followLinks: false });
    await this.#inner.rename(source, target, options);
  }

  async removeFile(path: string): Promise<boolean> {
    return this.#inner.removeFile(await this.#locateBelow(path, { followLinks: false }));
  }

  async removeDirectory(path: string): Promise<boolean> {
    return this.#inner.removeDirectory(await this.#locateBelow(path, { followLinks: false }));
  }

  async touch(path: string, modifiedAt: Date): Promise<void> {
    await this.#inner.touch(await this.locate(path), modifiedAt);
  }

  /** @throws SymbolicLinkError when links are refused, OutsideRootError when it would lead out. */
  async makeLink(target: string, path: string): Promise<void> {
    if (this.#links === "refuse") throw linked(path);
    const place = await this.#locateBelow(path, { followLinks: false });
    const root = await this.#realRoot();
    const end = resolve(dirname(place), target);
    if (!isInside(root, end) && !isInside(this.root, end)) throw outside(target);
    await this.#inner.makeLink(target, place);
  }

  async readLink(path: string): Promise<string> {
    return this.#inner.readLink(await this.locate(path, { followLinks: false }));
  }

  async realPath(path: string): Promise<string> {
    const place = await this.locate(path);
    if (!(await this.#inner.stat(place))) throw fileError("ENOENT", "resolve", path);
    return place;
  }

  async watch(
    path: string,
    options?: { readonly recursive?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<FileWatch> {
    return this.#inner.watch(await this.locate(path), options);
  }

  async space(path: string): Promise<DiskSpace> {
    return this.#inner.space(await this.locate(path));
  }

  /** The root itself is not to be replaced or removed. */
  async #locateBelow(path: string, options?: FollowOptions): Promise<string> {
    const place = await this.locate(path, options);
    if (place === (await this.#realRoot())) throw outside(path);
    return place;
  }

  /** The root may be a link, or lie behind one; only what is below it is suspect. */
  async #realRoot(): Promise<string> {
    const there = await this.#inner.stat(this.root);
    return there ? this.#inner.realPath(this.root) : this.root;
  }
}

function namesOf(path: string): string[] {
  return path.split(sep === "/" ? /\/+/ : /[\\/]+/).filter((name) => name !== "" && name !== ".");
}

function outside(path: string): Error {
  return new OutsideRootError(`${JSON.stringify(path)} leads out of the root, or is the root`, {
    details: { path },
    publicMessage: "The path is not allowed.",
  });
}

function linked(path: string): Error {
  return new SymbolicLinkError(`${JSON.stringify(path)} has a symbolic link on its way`, {
    details: { path },
    publicMessage: "The path is not allowed.",
  });
}
