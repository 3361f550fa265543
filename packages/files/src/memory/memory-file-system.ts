import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";

import { systemClock, toBytes, type ByteSize, type Clock } from "@infra/interfaces";

import { byteRange } from "../byte-range.js";
import { collect } from "../chunks.js";
import { FileNotFoundError, WrongKindError } from "../errors.js";
import type {
  DirectoryEntry,
  DiskSpace,
  FileStat,
  FileSystem,
  FileWatch,
  FollowOptions,
  ReadRange,
  WriteOptions,
} from "../file-system.js";
import { isInside } from "../is-inside.js";
import { PathQueue } from "../path-queue.js";
import { fileError } from "../to-file-error.js";
import { MemoryTree, type MemoryDirectory, type MemoryNode, type Place } from "./memory-tree.js";
import { MemoryWatchers } from "./memory-watchers.js";

/** Options of {@link MemoryFileSystem}. */
export interface MemoryFileSystemOptions {
  /** How much all files together may hold; more is a NoSpaceError. @default "256mb" */
  readonly capacity?: ByteSize;
  /** How many writes may wait for one file; more are an error. @default 1000 */
  readonly maxQueuedWrites?: number;
}

/** Collaborators of {@link MemoryFileSystem}. */
export interface MemoryFileSystemDependencies {
  readonly clock?: Clock;
}

const chunkBytes = 64 * 1024;

/** Files that are gone with the process: the disk of a test. It starts with nothing but the root and the temporary directory. */
export class MemoryFileSystem implements FileSystem {
  readonly temporaryDirectory: string = tmpdir();
  readonly #capacityBytes: number;
  readonly #writes: PathQueue;
  readonly #clock: Clock;
  readonly #tree: MemoryTree;
  readonly #watchers = new MemoryWatchers();
  #usedBytes = 0;

  constructor(options: MemoryFileSystemOptions = {}, deps: MemoryFileSystemDependencies = {}) {
    this.#capacityBytes = toBytes(options.capacity ?? "256mb", "capacity");
    this.#writes = new PathQueue(options.maxQueuedWrites ?? 1000);
    this.#clock = deps.clock ?? systemClock;
    this.#tree = new MemoryTree(this.#directory(0o755));
    this.#makeDirectory(this.temporaryDirectory, 0o777);
  }

  resolve(path: string): string {
    return resolve(path);
  }

  async stat(
    path: string,
    { followLinks = true }: FollowOptions = {},
  ): Promise<FileStat | undefined> {
    const node = this.#findIfAny(path, "stat", followLinks)?.node;
    return (
      node && {
        kind: node.kind,
        sizeBytes: node.kind === "file" ? node.bytes.length : 0,
        mode: node.mode,
        modifiedAt: new Date(node.modifiedAt),
        createdAt: new Date(node.createdAt),
      }
    );
  }

  async *list(path: string): AsyncGenerator<DirectoryEntry> {
    const { entries } = this.#existing(path, "list", "directory");
    for (const [name, { kind }] of entries) yield { name, kind };
  }

  async *read(path: string, options: ReadRange = {}): AsyncGenerator<Uint8Array> {
    const { followLinks = true, signal } = options;
    const { start, end } = byteRange(options);
    signal?.throwIfAborted();
    const { bytes } = this.#existing(path, "read", "file", followLinks);
    const stop = Math.min(end, bytes.length);
    for (let at = start; at < stop; at += chunkBytes) {
      signal?.throwIfAborted();
      yield bytes.slice(at, Math.min(at + chunkBytes, stop));
    }
  }

  write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<void> {
    const { overwrite = true, followLinks = true, mode, signal } = options;
    return this.#writes.run(resolve(path), signal, async () => {
      this.#target(path, overwrite, followLinks);
      const bytes = await collect(content, Infinity, path, signal);
      // others had their turn while the content came
      this.#put(path, this.#target(path, overwrite, followLinks), bytes, mode);
    });
  }

  append(path: string, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    const { followLinks = true, mode, signal } = options;
    return this.#writes.run(resolve(path), signal, async () => {
      const place = this.#target(path, true, followLinks);
      if (place.node?.kind === "link") throw fileError("ELOOP", "write", path);
      const before = place.node?.kind === "file" ? place.node.bytes : new Uint8Array();
      const bytes = new Uint8Array(before.length + content.length);
      bytes.set(before);
      bytes.set(content, before.length);
      this.#put(path, place, bytes, place.node?.mode ?? mode);
    });
  }

  async makeDirectory(path: string, options: { readonly mode?: number } = {}): Promise<void> {
    this.#makeDirectory(path, options.mode ?? 0o755);
  }

  async rename(from: string, to: string, { overwrite = true } = {}): Promise<void> {
    const source = this.#tree.find(resolve(from), "rename", false);
    const target = this.#tree.find(resolve(to), "rename", false);
    const { node, parent } = source;
    if (!node || !parent) throw fileError("ENOENT", "rename", from);
    if (!target.parent) throw fileError("EEXIST", "rename", to);
    if (node === target.node) return;
    if (node.kind === "directory") {
      if (isInside(source.path, target.path)) throw fileError("EINTOITSELF", "rename", to);
      if (target.node && target.node.kind !== "directory") throw fileError("ENOTDIR", "rename", to);
      if (target.node && target.node.entries.size > 0) throw fileError("ENOTEMPTY", "rename", to);
    } else {
      if (target.node && !overwrite) throw fileError("EEXIST", "rename", to);
      if (target.node?.kind === "directory") throw fileError("EISDIR", "rename", to);
      if (target.node) this.#usedBytes -= sizeOf(target.node);
    }
    parent.entries.delete(source.name);
    target.parent.entries.set(target.name, node);
    this.#watchers.announceTree("removed", source.path, node);
    this.#watchers.announceTree(target.node ? "changed" : "created", target.path, node);
  }

  async removeFile(path: string): Promise<boolean> {
    const place = this.#findIfAny(path, "remove", false);
    if (!place?.node) return false;
    if (place.node.kind === "directory") throw fileError("EISDIR", "remove", path);
    this.#usedBytes -= sizeOf(place.node);
    this.#remove(place, place.node);
    return true;
  }

  async removeDirectory(path: string): Promise<boolean> {
    const place = this.#findIfAny(path, "remove directory", false);
    if (!place?.node) return false;
    if (place.node.kind !== "directory") throw fileError("ENOTDIR", "remove directory", path);
    if (place.node.entries.size > 0) throw fileError("ENOTEMPTY", "remove directory", path);
    this.#remove(place, place.node);
    return true;
  }

  async touch(path: string, modifiedAt: Date): Promise<void> {
    const { node } = this.#tree.find(resolve(path), "touch");
    if (!node) throw fileError("ENOENT", "touch", path);
    node.modifiedAt = modifiedAt.getTime();
  }

  async makeLink(target: string, path: string): Promise<void> {
    const place = this.#tree.find(resolve(path), "make link", false);
    if (place.node || !place.parent) throw fileError("EEXIST", "make link", path);
    const node: MemoryNode = { kind: "link", target, ...this.#meta(0o777) };
    place.parent.entries.set(place.name, node);
    this.#watchers.announce("created", place.path, node);
  }

  async readLink(path: string): Promise<string> {
    return this.#existing(path, "read link", "link", false).target;
  }

  async realPath(path: string): Promise<string> {
    const place = this.#tree.find(resolve(path), "resolve");
    if (!place.node) throw fileError("ENOENT", "resolve", path);
    return place.path;
  }

  async watch(
    path: string,
    options: { readonly recursive?: boolean; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<FileWatch> {
    options.signal?.throwIfAborted();
    const place = this.#tree.find(resolve(path), "watch");
    if (!place.node) throw fileError("ENOENT", "watch", path);
    return this.#watchers.watch(place.path, options);
  }

  async space(path: string): Promise<DiskSpace> {
    const { node } = this.#tree.find(resolve(path), "space");
    if (!node) throw fileError("ENOENT", "space", path);
    const freeBytes = this.#capacityBytes - this.#usedBytes;
    return { totalBytes: this.#capacityBytes, freeBytes, availableBytes: freeBytes };
  }

  #findIfAny(path: string, operation: string, followLinks: boolean): Place | undefined {
    try {
      return this.#tree.find(resolve(path), operation, followLinks);
    } catch (error) {
      if (FileNotFoundError.is(error) || WrongKindError.is(error)) return undefined;
      throw error;
    }
  }

  #existing<K extends MemoryNode["kind"]>(
    path: string,
    operation: string,
    kind: K,
    followLinks = true,
  ): MemoryNode & { kind: K } {
    const { node } = this.#tree.find(resolve(path), operation, followLinks);
    if (!node) throw fileError("ENOENT", operation, path);
    if (node.kind !== kind) {
      const reason =
        node.kind === "directory" ? "EISDIR" : kind === "directory" ? "ENOTDIR" : "ELOOP";
      throw fileError(kind === "link" ? "ENOTLINK" : reason, operation, path);
    }
    return node as MemoryNode & { kind: K };
  }

  /** Where a write would put its content. */
  #target(path: string, overwrite: boolean, followLinks: boolean): Place {
    const place = this.#tree.find(resolve(path), "write", followLinks);
    if (place.node && !overwrite) throw fileError("EEXIST", "write", path);
    if (place.node?.kind === "directory") throw fileError("EISDIR", "write", path);
    return place;
  }

  #put(path: string, place: Place, bytes: Uint8Array, mode: number | undefined): void {
    const grown = bytes.length - (place.node ? sizeOf(place.node) : 0);
    if (this.#usedBytes + grown > this.#capacityBytes) throw fileError("ENOSPC", "write", path);
    this.#usedBytes += grown;
    const old = place.node?.kind === "file" ? place.node : undefined;
    const meta = this.#meta(mode ?? old?.mode ?? 0o644);
    const node: MemoryNode = {
      kind: "file",
      bytes,
      ...meta,
      createdAt: old?.createdAt ?? meta.createdAt,
    };
    place.parent!.entries.set(place.name, node);
    this.#watchers.announce(place.node ? "changed" : "created", place.path, node);
  }

  #makeDirectory(path: string, mode: number): void {
    const full = resolve(path);
    const parent = dirname(full);
    if (parent !== full && !this.#findIfAny(parent, "make directory", true)?.node) {
      this.#makeDirectory(parent, mode);
    }
    const place = this.#tree.find(full, "make directory");
    if (place.node?.kind === "directory") return;
    if (place.node || !place.parent) throw fileError("EEXIST", "make directory", path);
    const node = this.#directory(mode);
    place.parent.entries.set(place.name, node);
    this.#watchers.announce("created", place.path, node);
  }

  #directory(mode: number): MemoryDirectory {
    return { kind: "directory", entries: new Map(), ...this.#meta(mode) };
  }

  #meta(mode: number): { mode: number; modifiedAt: number; createdAt: number } {
    const now = this.#clock.now();
    return { mode, modifiedAt: now, createdAt: now };
  }

  #remove(place: Place, node: MemoryNode): void {
    if (!place.parent) throw fileError("EPERM", "remove", place.path);
    place.parent.entries.delete(place.name);
    this.#watchers.announce("removed", place.path, node);
  }
}

function sizeOf(node: MemoryNode): number {
  return node.kind === "file" ? node.bytes.length : 0;
}
