import type { Clock, IStorageProvider, Logger } from "@infra/interfaces";

import type { StorageUrl } from "./storage-url.js";

/** The provider that a URL stands for; its driver is loaded now. */
export async function openProvider(
  url: StorageUrl,
  deps: { readonly clock: Clock; readonly logger: Logger },
): Promise<IStorageProvider> {
  switch (url.scheme) {
    case "memory": {
      const { MemoryStorageProvider } = await import("./drivers/memory.js");
      return new MemoryStorageProvider({}, deps);
    }
    case "file": {
      const { LocalStorageProvider } = await import("./drivers/local.js");
      return new LocalStorageProvider({ directory: url.directory }, deps);
    }
    case "s3": {
      break;
    }
  }
  const { S3StorageProvider } = await import("./drivers/s3.js");
  return new S3StorageProvider(url.s3, deps);
}
