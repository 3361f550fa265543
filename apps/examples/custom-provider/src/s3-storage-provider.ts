import { randomUUID } from "node:crypto";

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { toChunks } from "@infra/files";
import type { FileContentOptions, StorageCallOptions } from "@infra/interfaces";
import {
  ChecksumMismatchError,
  CorruptFileError,
  FileExistsError,
  FileNotFoundError,
  type StoreFileOptions,
  StorageService,
  TooLargeError,
} from "@infra/storage";
import { IStorageProvider, FileMetadata } from "@infra/storage";

interface S3Options extends S3ClientConfig {
  readonly bucket: string;
}

// a file is in memory as a whole
const maxBytes = 64 * 1024 ** 2;

export const storageService = new StorageService();

export class S3StorageProvider implements IStorageProvider {
  constructor(private options: S3Options) {}

  private opened: S3Client | undefined;

  async storeFile(options: StoreFileOptions): Promise<string> {
    const { key = randomUUID(), content, overwrite = true, sha256, signal } = options;
    signal?.throwIfAborted();
    const body = await this.collect(key, toChunks(content, signal));
    const command = new PutObjectCommand({
      ...this.object(key),
      Body: body,
      ContentType: options.contentType ?? "application/octet-stream",
      ContentDisposition: options.contentDisposition,
      CacheControl: options.cacheControl,
      // headers are ASCII
      Metadata: mapValues(options.metadata ?? {}, encodeURIComponent),
      ...(!overwrite && { IfNoneMatch: "*" }),
      ...(sha256 !== undefined && {
        ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
      }),
    });
    try {
      await this.client.send(command, { ...(signal && { abortSignal: signal }) });
    } catch (error) {
      throw this.translated(error, key);
    }
    options.onProgress?.({ storedBytes: body.length, totalBytes: body.length });
    return key;
  }

  async getFileContent(
    fileId: string,
    { maxBytes: most, signal }: FileContentOptions = {},
  ): Promise<Buffer> {
    signal?.throwIfAborted();
    const command = new GetObjectCommand({ ...this.object(fileId), ChecksumMode: "ENABLED" });
    try {
      const { Body } = await this.client.send(command, { ...(signal && { abortSignal: signal }) });
      return await this.collect(fileId, Body as AsyncIterable<Uint8Array>, most);
    } catch (error) {
      throw this.translated(error, fileId);
    }
  }

  async deleteFile(fileId: string, { signal }: StorageCallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const command = new DeleteObjectCommand(this.object(fileId));
    await this.client.send(command, { ...(signal && { abortSignal: signal }) });
  }

  async exists(fileId: string, { signal }: StorageCallOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    const command = new HeadObjectCommand(this.object(fileId));
    try {
      await this.client.send(command, { ...(signal && { abortSignal: signal }) });
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  // not required
  async getMetadata(fileId: string): Promise<FileMetadata> {
    try {
      const head = await this.client.send(
        new HeadObjectCommand({ ...this.object(fileId), ChecksumMode: "ENABLED" }),
      );
      return {
        fileId,
        sizeBytes: head.ContentLength ?? 0,
        contentType: head.ContentType ?? "application/octet-stream",
        modifiedAt: head.LastModified ?? new Date(0),
        ...(head.ETag !== undefined && { etag: head.ETag }),
        ...(head.ChecksumCRC32 !== undefined && { crc32: hex(head.ChecksumCRC32) }),
        ...(head.ChecksumSHA256 !== undefined && { sha256: hex(head.ChecksumSHA256) }),
        ...(head.ContentDisposition !== undefined && {
          contentDisposition: head.ContentDisposition,
        }),
        ...(head.CacheControl !== undefined && { cacheControl: head.CacheControl }),
        metadata: mapValues(head.Metadata ?? {}, decodeURIComponent),
      };
    } catch (error) {
      throw this.translated(error, fileId);
    }
  }

  async stop(): Promise<void> {
    this.opened?.destroy();
    this.opened = undefined;
  }

  private get client(): S3Client {
    return (this.opened ??= new S3Client(this.options));
  }

  private object(Key: string): { Bucket: string; Key: string } {
    return { Bucket: this.options.bucket, Key };
  }

  private async collect(
    fileId: string,
    chunks: AsyncIterable<Uint8Array>,
    most: number = maxBytes,
  ): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > most) {
        const message = `${JSON.stringify(fileId)} is larger than ${most} bytes`;
        throw new TooLargeError(message, { details: { maxBytes: most } });
      }
      parts.push(chunk);
    }
    return Buffer.concat(parts, length);
  }

  /** What S3 says in the words of the storage, which its callers know. */
  private translated(cause: unknown, fileId: string): unknown {
    const name = JSON.stringify(fileId);
    const more = { cause, details: { fileId } };
    if (statusOf(cause) === 404) return new FileNotFoundError(`there is no file ${name}`, more);
    if (statusOf(cause) === 412) return new FileExistsError(`there is a file ${name}`, more);
    if (cause instanceof S3ServiceException && cause.name === "BadDigest") {
      return new ChecksumMismatchError(`${name} is not what its SHA-256 says`, { cause });
    }
    if (cause instanceof Error && cause.message.startsWith("Checksum mismatch")) {
      return new CorruptFileError(`${name} is not what its checksum says`, more);
    }
    return cause;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

const hex = (base64: string): string => Buffer.from(base64, "base64").toString("hex");

function mapValues(
  record: Readonly<Record<string, string>>,
  map: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

// Register with the storage service
storageService.registerProvider(
  "s3",
  new S3StorageProvider({
    bucket: "my-app-assets",
    region: "us-west-2",
    maxAttempts: 5,
  }),
);
