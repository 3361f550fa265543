import type { FileList, ListedFile, ListFilesOptions } from "@infra/interfaces";

/** The order of keys everywhere: by the bytes of their UTF-8. */
export function compareKeys(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The number of files on a page. @throws RangeError when `limit` is no whole number above 0. */
export function pageLimit(limit = 1000): number {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new RangeError(`limit must be a whole number above 0, got ${String(limit)}`);
  }
  return limit;
}

/** One page of files that are all known; its cursor is the last key on it. */
export function pageOf(files: readonly ListedFile[], options: ListFilesOptions = {}): FileList {
  const { prefix = "", cursor } = options;
  const limit = pageLimit(options.limit);
  const wanted = files
    .filter(({ fileId }) => fileId.startsWith(prefix))
    .filter(({ fileId }) => cursor === undefined || compareKeys(fileId, cursor) > 0)
    .toSorted((a, b) => compareKeys(a.fileId, b.fileId));
  return {
    files: wanted.slice(0, limit).map(listed),
    cursor: wanted.length > limit ? wanted[limit - 1]!.fileId : undefined,
  };
}

function listed({ fileId, sizeBytes, modifiedAt, etag }: ListedFile): ListedFile {
  return { fileId, sizeBytes, modifiedAt, ...(etag !== undefined && { etag }) };
}
