import type { IStorageProvider, StoreFileOptions, StoreFileRequest } from "@infra/interfaces";

import { openIncoming } from "./incoming.js";
import type { IncomingPolicy } from "./upload-policy.js";

/**
 * Hands content to a provider as it comes in, and lets go of it when that fails. Resolves to the file's id, and to how
 * much it was.
 *
 * @param request the content, and what is said of it.
 * @param attributes what is to be remembered of it besides its type.
 * @throws what {@link openIncoming} and the provider throw.
 */
export async function storeIncoming(
  provider: IStorageProvider,
  key: string,
  request: StoreFileRequest,
  attributes: Omit<StoreFileOptions, "content">,
  policy: IncomingPolicy,
): Promise<{ readonly fileId: string; readonly sizeBytes: number }> {
  const { signal } = request;
  const incoming = await openIncoming(request, key, policy);
  try {
    const { content, sizeBytes, contentType } = incoming;
    const file = { ...attributes, key, content, sizeBytes, contentType, signal };
    const fileId = await provider.storeFile(file);
    return { fileId, sizeBytes: incoming.passedBytes() };
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}
