import type { Files, FileSystem } from "@infra/files";

/** Remembers which items of a batch are done, so that the next run passes over them. */
export interface Checkpoint {
  /** The keys of what is done. */
  load(options?: { readonly signal?: AbortSignal | undefined }): Promise<ReadonlySet<string>>;
  /** Adds one; resolves when a process that is killed after that would find it again. */
  add(key: string): Promise<void>;
}

/** Options of {@link FileCheckpoint}. */
export interface FileCheckpointOptions {
  /** Whether each entry waits for the disk: without it, a power cut may make the last items be done again. @default false */
  readonly durable?: boolean;
  /** @default the disk */
  readonly fileSystem?: FileSystem;
}

/**
 * A checkpoint in a file, one key a line as JSON. A process may be killed at any time: the line that it was writing is
 * passed over. Two runs at once on one file do nothing worse than items twice.
 */
export class FileCheckpoint implements Checkpoint {
  readonly path: string;
  readonly #fileSystem: FileSystem | undefined;
  readonly #durable: boolean;
  #opened: Promise<Files> | undefined;
  #torn = false;

  constructor(path: string, options: FileCheckpointOptions = {}) {
    this.path = path;
    this.#fileSystem = options.fileSystem;
    this.#durable = options.durable ?? false;
  }

  async load(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Set<string>> {
    const keys = new Set<string>();
    const files = await this.#files();
    if (!(await files.exists(this.path))) return keys;
    const { signal } = options;
    this.#torn = false;
    for await (const line of files.readLines(this.path, signal ? { signal } : {})) {
      const key = keyOf(line);
      // half a line, of a process that was killed: what comes next begins a line of its own
      this.#torn = key === undefined;
      if (key !== undefined) keys.add(key);
    }
    return keys;
  }

  async add(key: string): Promise<void> {
    const start = this.#torn ? "\n" : "";
    this.#torn = false;
    const options = { durable: this.#durable };
    await (await this.#files()).append(this.path, `${start}${JSON.stringify(key)}\n`, options);
  }

  /** Forgets everything: the next run does all of it. */
  async clear(): Promise<void> {
    await (await this.#files()).remove(this.path);
  }

  /** The same for all calls: it is what has them wait for each other. */
  #files(): Promise<Files> {
    return (this.#opened ??= import("@infra/files").then(
      (module) => new module.Files(this.#fileSystem),
    ));
  }
}

function keyOf(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
