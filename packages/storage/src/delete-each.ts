import type { IStorageProvider } from "@infra/interfaces";
import { settleConcurrent } from "@infra/promises";

/**
 * Deletes files: by what the provider has for many, else one by one, some at a time.
 *
 * @throws AggregateError when some could not be deleted; all were tried.
 */
export async function deleteEach(
  provider: Pick<IStorageProvider, "deleteFile" | "deleteMany">,
  fileIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (provider.deleteMany) return provider.deleteMany(fileIds, { signal });
  const results = await settleConcurrent(
    fileIds,
    (fileId) => provider.deleteFile(fileId, { signal }),
    {
      signal,
    },
  );
  const errors = results.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  if (errors.length > 0) throw notAllDeleted(errors, fileIds.length);
}

/** The error of a deletion that did not delete all. */
export function notAllDeleted(errors: readonly unknown[], of: number): AggregateError {
  return new AggregateError(errors, `${errors.length} of ${of} files could not be deleted`);
}
