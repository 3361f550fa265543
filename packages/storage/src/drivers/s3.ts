import type { Readable } from "node:stream";

import type { CopyObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { importPeer } from "@infra/errors";
import {
  silentLogger,
  systemClock,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
  type FileContentOptions,
  type FileList,
  type FileMetadata,
  type FileRange,
  type HealthReport,
  type IStorageProvider,
  type ListFilesOptions,
  type Logger,
  type SignedUrlOptions,
  type StorageCallOptions,
  type StoreFileOptions,
  type UploadForm,
  type UploadFormOptions,
} from "@infra/interfaces";

import { notSatisfiable } from "../byte-range.js";
import { collect } from "../collect.js";
import { tooLarge } from "../file-errors.js";
import { chunksOf } from "../incoming-chunks.js";
import { letGo } from "../let-go.js";
import { pageLimit } from "../page-of.js";
import { copyInParts } from "../s3/copy-in-parts.js";
import { deleteObjects } from "../s3/delete-objects.js";
import { presignForm, presignUrl } from "../s3/presign.js";
import { createS3Client, type S3Connection } from "../s3/s3-client.js";
import type { AwsS3Client, S3ConnectionOptions } from "../s3/s3-connection-options.js";
import { s3Error, s3Failure } from "../s3/s3-errors.js";
import { fromS3Head, toS3Attributes } from "../s3/s3-metadata.js";
import { storeObject } from "../s3/store-object.js";
import { unreadBody } from "../s3/unread-body.js";

export type {
  AwsS3Client,
  S3ConnectionOptions,
  S3Credentials,
} from "../s3/s3-connection-options.js";

/** Options of {@link S3StorageProvider}. */
export interface S3StorageOptions extends S3ConnectionOptions {
  readonly bucket: string;
  /** What stands before every key, with a `/` between them. @default nothing */
  readonly prefix?: string | undefined;
  /** What is larger goes up in parts of this size, all but the last; S3 wants at least 5 MB. @default "5mb" */
  readonly partSize?: ByteSize | undefined;
  /** How many parts of one file are under way at once. @default 3 */
  readonly concurrency?: number | undefined;
  /** The largest file that is copied within S3 by one request. @default "5gb", the most that S3 takes */
  readonly copyLimit?: ByteSize | undefined;
  /** How long an open file holds its connection before somebody begins to read. @default "5s" */
  readonly unreadTimeout?: Duration | undefined;
  /** An `S3Client` to use instead of one of our own; it is not closed. What says how S3 is reached is then its business. */
  readonly client?: AwsS3Client | undefined;
}

/** Collaborators of {@link S3StorageProvider}. */
export interface S3StorageDependencies {
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** Files in a bucket of S3, or of a service that speaks it. Needs `@aws-sdk/client-s3`. */
export class S3StorageProvider implements IStorageProvider {
  readonly #options: S3StorageOptions;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #partBytes: number;
  readonly #concurrency: number;
  readonly #copyLimitBytes: number;
  readonly #unreadMs: number;
  #connection: Promise<S3Connection> | undefined;

  /** @throws TypeError or RangeError naming the option that can't be. */
  constructor(options: S3StorageOptions, deps: S3StorageDependencies = {}) {
    const { bucket, prefix = "", concurrency = 3 } = options;
    if (typeof bucket !== "string" || bucket === "") {
      throw new TypeError(`bucket must be a non-empty string, got ${JSON.stringify(bucket)}`);
    }
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new RangeError(
        `concurrency must be a whole number above 0, got ${String(concurrency)}`,
      );
    }
    this.#options = options;
    this.#prefix = prefix === "" ? "" : `${prefix.replace(/\/+$/, "")}/`;
    this.#logger = deps.logger ?? silentLogger;
    this.#clock = deps.clock ?? systemClock;
    this.#concurrency = concurrency;
    this.#partBytes = toBytes(options.partSize ?? "5mb", "partSize");
    if (this.#partBytes < 1) throw new RangeError("partSize must be at least 1 byte, got 0");
    this.#copyLimitBytes = toBytes(options.copyLimit ?? "5gb", "copyLimit");
    this.#unreadMs = toMilliseconds(options.unreadTimeout ?? "5s", "unreadTimeout");
  }

  /** The AWS client, an `S3Client`, for what has no method here. @throws PeerMissingError (`ERR_PEER_MISSING`) */
  async client(): Promise<AwsS3Client> {
    return (await this.#connect()).client;
  }

  /** Loads the AWS client; asks nothing of S3. */
  async start(): Promise<void> {
    await this.#connect();
  }

  async stop(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    if (!this.#options.client) connection?.client.destroy();
  }

  async health(): Promise<HealthReport> {
    try {
      const { s3, client } = await this.#connect();
      const abortSignal = AbortSignal.timeout(2000);
      await client.send(new s3.HeadBucketCommand({ Bucket: this.#options.bucket }), {
        abortSignal,
      });
      return { status: "up", details: { bucket: this.#options.bucket } };
    } catch (error) {
      const { status, name } = s3Failure(error);
      const message = `the bucket ${this.#options.bucket} can't be reached: ${status ?? name}`;
      return { status: "down", message };
    }
  }

  async storeFile(options: StoreFileOptions): Promise<string> {
    const { key = crypto.randomUUID(), content, overwrite = true } = options;
    try {
      await this.#failing("store", key, options, (connection, signal) =>
        storeObject(
          {
            ...connection,
            logger: this.#logger,
            partBytes: this.#partBytes,
            concurrency: this.#concurrency,
            checksums: this.#options.checksums ?? true,
            object: { ...this.#object(key), ...toS3Attributes(options) },
            condition: overwrite ? {} : { IfNoneMatch: "*" },
            signal,
          },
          chunksOf(content, signal),
          options,
        ),
      );
    } catch (error) {
      letGo(content);
      throw error;
    }
    return key;
  }

  async getFileContent(fileId: string, options: FileContentOptions = {}): Promise<Buffer> {
    const { maxBytes = Infinity } = options;
    return this.#failing("read", fileId, options, async ({ s3, client }, abortSignal) => {
      const command = new s3.GetObjectCommand(this.#object(fileId));
      const { Body, ContentLength = 0 } = await client.send(command, { abortSignal });
      const body = Body as Readable;
      try {
        if (ContentLength > maxBytes) throw tooLarge(fileId, maxBytes, "maxBytes");
        return await collect(body, fileId, maxBytes, "maxBytes");
      } finally {
        body.destroy();
      }
    });
  }

  async getFileStream(
    fileId: string,
    options: StorageCallOptions & { readonly range?: FileRange | undefined } = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const { range, signal } = options;
    const get = (): Promise<Readable> =>
      this.#failing("read", fileId, options, async ({ s3, client }, abortSignal) => {
        const Range = range && `bytes=${range.start}-${range.end ?? ""}`;
        const command = new s3.GetObjectCommand({ ...this.#object(fileId), Range });
        try {
          return (await client.send(command, { abortSignal })).Body as Readable;
        } catch (error) {
          if (s3Failure(error).status === 416) throw notSatisfiable(range!, undefined, error);
          throw error;
        }
      });
    const failure = (error: unknown): unknown => s3Error(error, "read", fileId);
    const how = { clock: this.#clock, unreadMs: this.#unreadMs, signal };
    return unreadBody(await get(), get, failure, how);
  }

  async getMetadata(fileId: string, options: StorageCallOptions = {}): Promise<FileMetadata> {
    return this.#failing("look at", fileId, options, async ({ s3, client }, abortSignal) => {
      const command = new s3.HeadObjectCommand({
        ...this.#object(fileId),
        ...(this.#options.checksums !== false && { ChecksumMode: "ENABLED" }),
      });
      return fromS3Head(fileId, await client.send(command, { abortSignal }));
    });
  }

  async exists(fileId: string, options: StorageCallOptions = {}): Promise<boolean> {
    return this.#failing("look at", fileId, options, async ({ s3, client }, abortSignal) => {
      try {
        await client.send(new s3.HeadObjectCommand(this.#object(fileId)), { abortSignal });
        return true;
      } catch (error) {
        if (s3Failure(error).status === 404) return false;
        throw error;
      }
    });
  }

  async deleteFile(fileId: string, options: StorageCallOptions = {}): Promise<void> {
    await this.#failing("delete", fileId, options, async ({ s3, client }, abortSignal) => {
      await client.send(new s3.DeleteObjectCommand(this.#object(fileId)), { abortSignal });
    });
  }

  async deleteMany(fileIds: readonly string[], options: StorageCallOptions = {}): Promise<void> {
    await this.#failing("delete", fileIds[0] ?? "", options, (connection, signal) =>
      deleteObjects(connection, this.#options.bucket, this.#prefix, fileIds, signal),
    );
  }

  async copy(fileId: string, toFileId: string, options: StorageCallOptions = {}): Promise<void> {
    await this.#failing("copy", fileId, options, async (connection, signal) => {
      const { s3, client } = connection;
      const from = this.#object(fileId);
      const head = await client.send(new s3.HeadObjectCommand(from), { abortSignal: signal });
      const CopySource = [from.Bucket, ...from.Key.split("/")].map(encodeURIComponent).join("/");
      const object: CopyObjectCommandInput = { ...this.#object(toFileId), CopySource };
      if ((head.ContentLength ?? 0) <= this.#copyLimitBytes) {
        await client.send(new s3.CopyObjectCommand(object), { abortSignal: signal });
        return;
      }
      const work = { ...connection, logger: this.#logger, concurrency: this.#concurrency, signal };
      await copyInParts(work, object, head, this.#copyLimitBytes);
    });
  }

  async list(options: ListFilesOptions = {}): Promise<FileList> {
    const { prefix = "", cursor } = options;
    const MaxKeys = Math.min(1000, pageLimit(options.limit));
    return this.#failing("list", prefix, options, async ({ s3, client }, abortSignal) => {
      const command = new s3.ListObjectsV2Command({
        Bucket: this.#options.bucket,
        Prefix: this.#prefix + prefix,
        ContinuationToken: cursor,
        MaxKeys,
      });
      const { Contents = [], NextContinuationToken } = await client.send(command, { abortSignal });
      // oxlint-disable-next-line oxc/no-map-spread -- a property that is undefined would be there
      const files = Contents.map(({ Key = "", Size = 0, LastModified, ETag }) => ({
        fileId: Key.slice(this.#prefix.length),
        sizeBytes: Size,
        modifiedAt: LastModified ?? new Date(0),
        ...(ETag !== undefined && { etag: ETag }),
      }));
      return { files, cursor: NextContinuationToken };
    });
  }

  async getSignedUrl(
    fileId: string,
    options: SignedUrlOptions & { readonly expiresInMs: number },
  ): Promise<string> {
    return this.#failing("sign a URL for", fileId, options, ({ s3, client }) =>
      presignUrl(s3, client, this.#object(fileId), options),
    );
  }

  async getUploadForm(
    fileId: string,
    options: UploadFormOptions & { readonly expiresInMs: number; readonly maxBytes: number },
  ): Promise<UploadForm> {
    return this.#failing("sign a form for", fileId, options, ({ client }) =>
      presignForm(client, this.#object(fileId), options),
    );
  }

  #object(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#options.bucket, Key: this.#prefix + key };
  }

  #connect(): Promise<S3Connection> {
    this.#connection ??= this.#open();
    this.#connection.catch(() => (this.#connection = undefined));
    return this.#connection;
  }

  async #open(): Promise<S3Connection> {
    const s3 = await importPeer("@aws-sdk/client-s3", () => import("@aws-sdk/client-s3"), {
      for: "files on S3",
    });
    const given = this.#options.client as S3Client | undefined;
    return { s3, client: given ?? createS3Client(s3, this.#options) };
  }

  async #failing<T>(
    operation: string,
    fileId: string,
    { signal = new AbortController().signal }: StorageCallOptions,
    work: (connection: S3Connection, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work(await this.#connect(), signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : s3Error(error, operation, fileId);
    }
  }
}
