import type { CacheService } from "@infra/cache";
import type { StorageService } from "@infra/storage";

import type { StorageUse } from "./contract.js";

/**
 * What is stored, by the first part of the keys. Looking through all of it takes a while where there is much: it is done by
 * one process at a time, once a minute at the most, and what was seen last is shown meanwhile.
 */
export function storageUse(
  cache: CacheService,
  storage: StorageService,
): Promise<readonly StorageUse[]> {
  return cache.getOrSet("admin:storage-use", ({ signal }) => countFiles(storage, signal), {
    ttl: "1m",
    grace: "1h",
    softTimeout: "200ms",
  });
}

async function countFiles(
  storage: StorageService,
  signal: AbortSignal,
): Promise<readonly StorageUse[]> {
  const uses = new Map<string, { prefix: string; files: number; bytes: number }>();
  for await (const { fileId, sizeBytes } of storage.listAll({ signal })) {
    const prefix = fileId.split("/", 1)[0]!;
    const use = uses.get(prefix) ?? { prefix, files: 0, bytes: 0 };
    uses.set(prefix, use);
    use.files += 1;
    use.bytes += sizeBytes;
  }
  return [...uses.values()];
}
