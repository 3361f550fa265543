import { compactDecrypt, CompactEncrypt, errors, type CompactJWEHeaderParameters } from "jose";

import { DecryptionError } from "./errors.js";
import { joseKey, type JoseKey } from "./jose-key.js";

/** Options of {@link encryptJwe} and {@link decryptJwe}. */
export interface JweOptions {
  readonly key: JoseKey;
  /** The one way in which the content's key is protected: `"dir"`, `"A256KW"`, `"ECDH-ES"`, `"RSA-OAEP-256"`, … */
  readonly algorithm: string;
  /** The one cipher of the content. @default "A256GCM" */
  readonly encryption?: string | undefined;
}

/**
 * Encrypts bytes as a compact JSON Web Encryption (RFC 7516), for those who expect one; among ourselves
 * `EncryptionService` does it, with keys that rotate.
 *
 * @param header further members of the header, which everybody can read: `kid`, `typ`.
 * @throws TypeError when the key does not fit the algorithm.
 */
export async function encryptJwe(
  plain: string | Uint8Array,
  { key, algorithm, encryption = "A256GCM" }: JweOptions,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const bytes = typeof plain === "string" ? Buffer.from(plain) : plain;
  return await new CompactEncrypt(bytes)
    .setProtectedHeader({ ...header, alg: algorithm, enc: encryption })
    .encrypt(joseKey(key, algorithm, "public"));
}

/**
 * The plaintext and header of a compact JSON Web Encryption. One that is compressed is inflated to 250 kB at most.
 *
 * @throws DecryptionError `ERR_SECURITY_DECRYPTION`, for whatever is wrong with it; TypeError when the key does not fit
 * the algorithm.
 */
export async function decryptJwe(
  jwe: string,
  { key, algorithm, encryption = "A256GCM" }: JweOptions,
): Promise<{ readonly plain: Uint8Array; readonly header: CompactJWEHeaderParameters }> {
  const decryptKey = joseKey(key, algorithm, "private");
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, decryptKey, {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: [encryption],
    });
    return { plain: plaintext, header: protectedHeader };
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw new DecryptionError("it can't be decrypted");
  }
}
