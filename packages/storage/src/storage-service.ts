import {
  optional,
  section,
  silentLogger,
  systemClock,
  tokens,
  type ByteSize,
  type Clock,
  type CopyFileOptions,
  type Duration,
  type FileContentOptions,
  type FileList,
  type FileMetadata,
  type FileRange,
  type HealthReport,
  type IdGenerator,
  type Inject,
  type IStorageProvider,
  type ListedFile,
  type ListFilesOptions,
  type Logger,
  type Managed,
  type SignedUrlOptions,
  type StartContext,
  type StopContext,
  type Storage,
  type StorageOptions,
  type StoreFileRequest,
  type Token,
  type UploadForm,
  type UploadFormOptions,
} from "@infra/interfaces";

import { checkRange } from "./byte-range.js";
import { checkAttributes } from "./check-attributes.js";
import { storageConfig } from "./config.js";
import { deleteEach } from "./delete-each.js";
import { migrate, type MigrateOptions, type MigrateResult } from "./migrate.js";
import { keyPrefix, objectKey } from "./object-key.js";
import { openProvider } from "./open-provider.js";
import { openStream } from "./open-stream.js";
import { Operations } from "./operations.js";
import { ProviderRegistry, type NamedProvider, type ProviderStats } from "./provider-registry.js";
import { Relocation } from "./relocation.js";
import { SignedAccess } from "./signed-access.js";
import { createSignedUrlHandler, type SignedUrlHandler } from "./signed-url-handler.js";
import type { StorageListener } from "./storage-event.js";
import {
  resolveOptions,
  type ResolvedOptions,
  type StorageServiceOptions,
} from "./storage-options.js";
import { storeIncoming } from "./store-incoming.js";
import { unsupported } from "./unsupported.js";
import { incomingPolicy } from "./upload-policy.js";

/** Collaborators of {@link StorageService}. */
export interface StorageDependencies {
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Where the keys of files come from that are stored without one. */
  readonly ids?: IdGenerator | undefined;
}

/** What {@link StorageService.stats} says: the counts of each provider by its name. */
export interface StorageStats {
  readonly providers: Readonly<Record<string, ProviderStats>>;
}

/**
 * Files by key, on disk, in memory, on S3, or wherever else a provider keeps them. Starts with `start()` or on first use.
 *
 * @throws RangeError from the constructor when an option can't be.
 */
export class StorageService implements Storage, Managed {
  static readonly provides: Token<Storage> = tokens.storage;
  static readonly inject: Inject<typeof StorageService> = {
    options: section(storageConfig),
    logger: optional(tokens.logger),
    clock: optional(tokens.clock),
    ids: optional(tokens.idGenerator),
  };

  /**
   * Serves the signed URLs and forms of providers that have none of their own: to be called with the requests of Node.js
   * below `publicUrl`, their bodies unread.
   */
  readonly signedUrlHandler: SignedUrlHandler;
  readonly #options: ResolvedOptions;
  readonly #providers: ProviderRegistry;
  readonly #operations: Operations;
  readonly #relocation: Relocation;
  readonly #clock: Clock;
  readonly #newKey: () => string;
  readonly #signed: SignedAccess;

  constructor(options: StorageServiceOptions = {}, deps: StorageDependencies = {}) {
    this.#options = resolveOptions(options);
    this.#clock = deps.clock ?? systemClock;
    const logger = (deps.logger ?? silentLogger).child({ category: "storage" });
    this.#newKey = () => deps.ids?.next() ?? crypto.randomUUID();
    const { url, stopTimeoutMs } = this.#options;
    this.#providers = new ProviderRegistry(() => openProvider(url, { logger, clock: this.#clock }));
    this.#operations = new Operations(this.#providers, this.#clock, logger, stopTimeoutMs);
    this.#relocation = new Relocation(this.#operations);
    this.#signed = new SignedAccess(this.#options, this.#clock);
    this.signedUrlHandler = createSignedUrlHandler(this, () => this.#signed.grants("default"));
  }

  /** The URL of the default provider, with the password masked. */
  get url(): string {
    return this.#options.url.masked;
  }

  /**
   * Adds a provider. It is started with the service or on first use, and stopped with it.
   *
   * @param options `default`: whether it is meant when no provider is named.
   * @throws TypeError when it lacks a required method, RangeError when the name is taken. `default` names that of the URL.
   */
  registerProvider(
    name: string,
    provider: IStorageProvider,
    options: { readonly default?: boolean } = {},
  ): void {
    this.#providers.register(name, provider, options.default ?? false);
  }

  /** A provider by its name, with all that it can do, started. @throws RangeError when there is none. */
  async getProvider(name?: string): Promise<IStorageProvider> {
    return (await this.#providers.ready(name)).provider;
  }

  /** Starts the default provider and all that were registered. */
  start(context: StartContext = {}): Promise<void> {
    return this.#operations.start(context);
  }

  /** Waits for calls and streams under way, for `stopTimeout` at the most, gives up the rest, and stops the providers. */
  stop(context: StopContext = {}): Promise<void> {
    return this.#operations.stop(context);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Calls back with what happens to files. Returns what ends it. */
  subscribe(listener: StorageListener): () => void {
    return this.#operations.subscribe(listener);
  }

  stats(): StorageStats {
    return { providers: this.#providers.stats() };
  }

  async health(): Promise<HealthReport> {
    return this.#operations.health();
  }

  async storeFile(request: StoreFileRequest): Promise<string> {
    const {
      content: _content,
      path: _path,
      provider,
      maxSize,
      allowedTypes,
      ...attributes
    } = request;
    const key = attributes.key === undefined ? this.#newKey() : objectKey(attributes.key);
    checkAttributes(attributes);
    const policy = incomingPolicy(this.#options, { maxSize, allowedTypes });
    return this.#operations.run("storeFile", provider, request.signal, key, async (to, signal) => {
      const startedAt = this.#clock.monotonic();
      const incoming = { ...request, signal };
      const stored = await storeIncoming(to.provider, key, incoming, attributes, policy);
      to.counts.storedBytes += stored.sizeBytes;
      this.#operations.announce({
        type: "stored",
        provider: to.name,
        ...stored,
        elapsedMs: this.#clock.monotonic() - startedAt,
      });
      return stored.fileId;
    });
  }

  async getFileContent(
    fileId: string,
    options: FileContentOptions & StorageOptions = {},
  ): Promise<Buffer> {
    const { maxBytes = this.#options.maxContentBytes } = options;
    return this.#onFile("getFileContent", fileId, options, async (from, key, signal) => {
      const content = await from.provider.getFileContent(key, { signal, maxBytes });
      from.counts.readBytes += content.length;
      return content;
    });
  }

  async getFileStream(
    fileId: string,
    options: StorageOptions & { readonly range?: FileRange | undefined } = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const { range } = options;
    if (range) checkRange(range);
    return this.#onFile("getFileStream", fileId, options, async (from, key, signal) => {
      const wanted = { range, signal: options.signal, maxBytes: this.#options.maxContentBytes };
      const stream = await openStream(from.provider, key, wanted, signal);
      signal.throwIfAborted();
      return this.#operations.track(from, stream);
    });
  }

  async getMetadata(fileId: string, options: StorageOptions = {}): Promise<FileMetadata> {
    return this.#onFile("getMetadata", fileId, options, (from, key, signal) => {
      if (!from.provider.getMetadata) throw unsupported(from, "getMetadata");
      return from.provider.getMetadata(key, { signal });
    });
  }

  async exists(fileId: string, options: StorageOptions = {}): Promise<boolean> {
    return this.#onFile("exists", fileId, options, (from, key, signal) =>
      from.provider.exists(key, { signal }),
    );
  }

  async delete(fileId: string, options: StorageOptions = {}): Promise<void> {
    return this.#onFile("delete", fileId, options, async (from, key, signal) => {
      await from.provider.deleteFile(key, { signal });
      this.#operations.announce({ type: "deleted", provider: from.name, fileId: key });
    });
  }

  async deleteMany(fileIds: readonly string[], options: StorageOptions = {}): Promise<void> {
    const { provider, signal } = options;
    const keys = fileIds.map((fileId, at) => objectKey(fileId, `fileIds[${at}]`));
    await this.#operations.run("deleteMany", provider, signal, undefined, async (from, each) => {
      await deleteEach(from.provider, keys, each);
      for (const fileId of keys) {
        this.#operations.announce({ type: "deleted", provider: from.name, fileId });
      }
    });
  }

  async copy(fileId: string, toFileId: string, options: CopyFileOptions = {}): Promise<void> {
    const toKey = objectKey(toFileId, "toFileId");
    return this.#onFile("copy", fileId, options, async (at, key, signal) => {
      const to = { at: await this.#target(at, options), fileId: toKey };
      await this.#relocation.copy({ at, fileId: key }, to, signal);
    });
  }

  async move(fileId: string, toFileId: string, options: CopyFileOptions = {}): Promise<void> {
    const toKey = objectKey(toFileId, "toFileId");
    return this.#onFile("move", fileId, options, async (at, key, signal) => {
      const to = { at: await this.#target(at, options), fileId: toKey };
      await this.#relocation.move({ at, fileId: key }, to, signal);
    });
  }

  async list(options: ListFilesOptions & StorageOptions = {}): Promise<FileList> {
    const { provider, signal, prefix, ...rest } = options;
    const wanted = { ...rest, ...(prefix !== undefined && { prefix: keyPrefix(prefix) }) };
    return this.#operations.run("list", provider, signal, undefined, (from, each) => {
      if (!from.provider.list) throw unsupported(from, "list");
      return from.provider.list({ ...wanted, signal: each });
    });
  }

  async *listAll(options: ListFilesOptions & StorageOptions = {}): AsyncGenerator<ListedFile> {
    let { cursor } = options;
    do {
      const page = await this.list({ ...options, cursor });
      yield* page.files;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  async getSignedUrl(
    fileId: string,
    options: SignedUrlOptions & StorageOptions & { readonly expiresIn?: Duration | undefined } = {},
  ): Promise<string> {
    const url = this.#signed.url(options);
    return this.#onFile("getSignedUrl", fileId, options, url);
  }

  async getUploadForm(
    fileId: string,
    options: UploadFormOptions &
      StorageOptions & {
        readonly maxSize: ByteSize;
        readonly expiresIn?: Duration | undefined;
      },
  ): Promise<UploadForm> {
    const form = this.#signed.form(options);
    return this.#onFile("getUploadForm", fileId, options, form);
  }

  /**
   * Copies all files from one provider to another. Files that are there already are skipped, so that it can be run again,
   * after an error or for what has come in since.
   *
   * @throws the first error; `options.onProgress` was told how far it had come.
   */
  async migrate(options: MigrateOptions): Promise<MigrateResult> {
    return migrate(this, options);
  }

  async #onFile<T>(
    operation: string,
    fileId: string,
    { provider, signal }: StorageOptions,
    work: (of: NamedProvider, key: string, signal: AbortSignal) => T | Promise<T>,
  ): Promise<T> {
    const key = objectKey(fileId, "fileId");
    return this.#operations.run(operation, provider, signal, key, (of, each) =>
      work(of, key, each),
    );
  }

  async #target(from: NamedProvider, { toProvider }: CopyFileOptions): Promise<NamedProvider> {
    return toProvider === undefined ? from : this.#providers.ready(toProvider);
  }
}
