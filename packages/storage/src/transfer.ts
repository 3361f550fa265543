import type { FileContent, FileMetadata, IStorageProvider } from "@infra/interfaces";

import { attributesOf } from "./file-attributes.js";
import { storeIncoming } from "./store-incoming.js";

/** A file of a provider. */
export interface FileOf {
  readonly provider: IStorageProvider;
  readonly fileId: string;
}

/** Copies a file through this process, a chunk at a time, with all that is remembered of it. */
export async function transfer(from: FileOf, to: FileOf, signal: AbortSignal): Promise<number> {
  const { fileId } = from;
  const metadata = await from.provider.getMetadata?.(fileId, { signal });
  const source = {
    content: await contentOf(from, signal),
    signal,
    ...(metadata && { sizeBytes: metadata.sizeBytes, contentType: metadata.contentType }),
  };
  const attributes = metadata ? attributesOf({ ...metadata, content: "" }) : {};
  const policy = { maxBytes: Infinity, allowedTypes: [] };
  const stored = await storeIncoming(to.provider, to.fileId, source, attributes, policy);
  return stored.sizeBytes;
}

/** Whether a file is certainly the same as another, by all that is known of both. */
export function isSameFile(source: FileMetadata, target: FileMetadata): boolean {
  if (source.sizeBytes !== target.sizeBytes) return false;
  for (const checksum of ["sha256", "crc32"] as const) {
    if (source[checksum] === undefined || target[checksum] === undefined) continue;
    return source[checksum] === target[checksum];
  }
  return target.modifiedAt >= source.modifiedAt;
}

async function contentOf({ provider, fileId }: FileOf, signal: AbortSignal): Promise<FileContent> {
  return provider.getFileStream
    ? provider.getFileStream(fileId, { signal })
    : provider.getFileContent(fileId, { signal });
}
