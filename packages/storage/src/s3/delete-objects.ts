import { notAllDeleted } from "../delete-each.js";
import { StorageFailedError } from "../errors.js";
import type { S3Connection } from "./s3-client.js";

/** The most that S3 deletes by one request. */
const mostKeys = 1000;

/** Deletes objects, a thousand at a time. @throws AggregateError when some could not be deleted; all were tried. */
export async function deleteObjects(
  { s3, client }: S3Connection,
  bucket: string,
  prefix: string,
  fileIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  for (let at = 0; at < fileIds.length; at += mostKeys) {
    const Objects = fileIds.slice(at, at + mostKeys).map((fileId) => ({ Key: prefix + fileId }));
    const command = new s3.DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects, Quiet: true },
    });
    const { Errors = [] } = await client.send(command, { abortSignal: signal });
    for (const { Key = "", Code, Message } of Errors) {
      const fileId = Key.slice(prefix.length);
      errors.push(
        new StorageFailedError(`delete ${JSON.stringify(fileId)}: S3 says ${Code}: ${Message}`),
      );
    }
  }
  if (errors.length > 0) throw notAllDeleted(errors, fileIds.length);
}
