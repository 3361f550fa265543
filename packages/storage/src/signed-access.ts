import {
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
  type SignedUrlOptions,
  type UploadForm,
  type UploadFormOptions,
} from "@infra/interfaces";

import { checkAttributes } from "./check-attributes.js";
import { Grants, type Grant } from "./grants.js";
import type { NamedProvider } from "./provider-registry.js";
import type { ResolvedOptions } from "./storage-options.js";
import { unsupported } from "./unsupported.js";
import { typePatterns } from "./upload-policy.js";

const shortestMs = 1000;
/** The longest that S3 signs for. */
const longestMs = 7 * 24 * 60 * 60 * 1000;

type Access<T> = (of: NamedProvider, fileId: string, signal: AbortSignal) => Promise<T>;
type Expiry = { readonly expiresIn?: Duration | undefined };

/** Signed URLs and forms: the provider's own, else those that this storage serves itself. */
export class SignedAccess {
  readonly #grants: Grants | undefined;
  readonly #expiryMs: number;
  readonly #clock: Clock;

  constructor(options: ResolvedOptions, clock: Clock) {
    const { signingKey, publicUrl, signedUrlExpiryMs } = options;
    this.#grants =
      publicUrl && signingKey !== undefined ? new Grants(signingKey, publicUrl, clock) : undefined;
    this.#expiryMs = signedUrlExpiryMs;
    this.#clock = clock;
  }

  /** What makes a URL. @throws RangeError when an option can't be. */
  url(options: SignedUrlOptions & Expiry): Access<string> {
    const { operation = "read", contentType, contentDisposition } = options;
    if (operation !== "read" && operation !== "write") {
      throw new RangeError(`operation must be "read" or "write", got ${JSON.stringify(operation)}`);
    }
    checkAttributes({ contentType, contentDisposition });
    const expiresInMs = this.#expiry(options);
    const wanted = { operation, contentType, contentDisposition };
    return async (of, fileId, signal) => {
      const { provider } = of;
      if (provider.getSignedUrl) {
        return provider.getSignedUrl(fileId, { ...wanted, expiresInMs, signal });
      }
      const url = this.grants(of.name).urlOf(fileId);
      url.searchParams.set("grant", this.#sign(of, { ...wanted, fileId }, expiresInMs));
      return url.href;
    };
  }

  /** What makes a form. @throws RangeError when an option can't be. */
  form(options: UploadFormOptions & Expiry & { readonly maxSize: ByteSize }): Access<UploadForm> {
    const [contentType] =
      options.contentType === undefined ? [] : typePatterns([options.contentType], "contentType");
    const maxBytes = toBytes(options.maxSize, "maxSize");
    const expiresInMs = this.#expiry(options);
    return async (of, fileId, signal) => {
      const { provider } = of;
      if (provider.getUploadForm) {
        return provider.getUploadForm(fileId, { contentType, maxBytes, expiresInMs, signal });
      }
      const url = this.grants(of.name).urlOf(fileId).href;
      const grant = { operation: "form", fileId, contentType, maxBytes } as const;
      const isOpen = contentType === undefined || contentType.endsWith("/*");
      return {
        url,
        fields: {
          grant: this.#sign(of, grant, expiresInMs),
          ...(!isOpen && { "Content-Type": contentType }),
        },
      };
    };
  }

  /** @throws UnsupportedError (`ERR_STORAGE_UNSUPPORTED`) when what it takes is not configured. */
  grants(provider: string): Grants {
    if (this.#grants) return this.#grants;
    throw unsupported(
      { name: provider },
      "getSignedUrl",
      "set publicUrl (STORAGE_PUBLIC_URL) and signingKey (STORAGE_SIGNING_KEY), and serve signedUrlHandler there",
    );
  }

  #sign(
    { name }: NamedProvider,
    grant: Omit<Grant, "provider" | "expiresAt">,
    expiresInMs: number,
  ): string {
    const expiresAt = this.#clock.now() + expiresInMs;
    return this.grants(name).sign({ ...grant, provider: name, expiresAt });
  }

  #expiry({ expiresIn = this.#expiryMs }: Expiry): number {
    const expiresInMs = toMilliseconds(expiresIn, "expiresIn");
    if (expiresInMs >= shortestMs && expiresInMs <= longestMs) return expiresInMs;
    throw new RangeError(`expiresIn must be from "1s" to "7d", got ${JSON.stringify(expiresIn)}`);
  }
}
