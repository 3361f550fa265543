import type { FileMetadata, StoreFileOptions } from "@infra/interfaces";

/** What a provider remembers of a file beside its content. */
export type FileAttributes = Pick<
  FileMetadata,
  "contentType" | "contentDisposition" | "cacheControl" | "sha256" | "metadata"
>;

/** The attributes that a file is stored with, without those that were not given. */
export function attributesOf(options: StoreFileOptions): FileAttributes {
  const { contentType, contentDisposition, cacheControl, sha256, metadata } = options;
  return {
    contentType: contentType ?? "application/octet-stream",
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(cacheControl !== undefined && { cacheControl }),
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    metadata: { ...metadata },
  };
}
