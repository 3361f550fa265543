import { Secret, toBytes, toMilliseconds, type ByteSize, type Duration } from "@infra/interfaces";

import { storageConfig } from "./config.js";
import { parseStorageUrl, type StorageUrl } from "./storage-url.js";
import { typePatterns } from "./upload-policy.js";

/** Options of {@link StorageService}. */
export interface StorageServiceOptions {
  /** Where the default provider keeps files: `file:./directory`, `memory:`, `s3://bucket?region=…`. @default "file:./data/files" */
  readonly url?: string | Secret;
  /** The largest file that may come in. @default "5gb" */
  readonly maxSize?: ByteSize;
  /** Types that may come in, by what the content is: `image/*`, `application/pdf`. @default all */
  readonly allowedTypes?: readonly string[];
  /** The largest file that `getFileContent` reads into memory. @default "64mb" */
  readonly maxContentSize?: ByteSize;
  /** Where `signedUrlHandler` is served, for providers that have no signed URLs of their own. */
  readonly publicUrl?: string;
  /** What those URLs are signed with: the same in every process that serves them. */
  readonly signingKey?: string | Secret;
  /** How long a signed URL holds when nothing else is said. @default "15m" */
  readonly signedUrlExpiry?: Duration;
  /** How long `stop()` waits for calls under way before it gives them up. @default "10s" */
  readonly stopTimeout?: Duration;
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  readonly url: StorageUrl;
  readonly maxBytes: number;
  readonly allowedTypes: readonly string[] | undefined;
  readonly maxContentBytes: number;
  readonly publicUrl: URL | undefined;
  readonly signingKey: string | undefined;
  readonly signedUrlExpiryMs: number;
  readonly stopTimeoutMs: number;
}

/**
 * Fills in the defaults and refuses what can't be.
 *
 * @throws RangeError naming the option and, unless it is a secret, the value received.
 */
export function resolveOptions(options: StorageServiceOptions): ResolvedOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as StorageServiceOptions;
  const all = { ...storageConfig.defaults(), ...given };
  const signingKey = Secret.reveal(all.signingKey);
  if (signingKey !== undefined && signingKey.length < 16) {
    throw new RangeError(
      `signingKey must have at least 16 characters, got ${signingKey.length} (not shown)`,
    );
  }
  return {
    url: parseStorageUrl(Secret.reveal(all.url)),
    maxBytes: toBytes(all.maxSize, "maxSize"),
    allowedTypes: all.allowedTypes && typePatterns(all.allowedTypes),
    maxContentBytes: toBytes(all.maxContentSize, "maxContentSize"),
    publicUrl: all.publicUrl === undefined ? undefined : parsePublicUrl(all.publicUrl),
    signingKey,
    signedUrlExpiryMs: toMilliseconds(all.signedUrlExpiry, "signedUrlExpiry"),
    stopTimeoutMs: toMilliseconds(all.stopTimeout, "stopTimeout"),
  };
}

function parsePublicUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new RangeError(
      `publicUrl must be an http(s) URL without query, such as "https://example.org/files", got ${JSON.stringify(value)}`,
    );
  }
  return url;
}
