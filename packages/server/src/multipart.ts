import { importPeer } from "@infra/errors";
import { toBytes, type ByteSize } from "@infra/interfaces";
import { middlewareErrors } from "@infra/middleware/errors";
import type { FastifyInstance } from "fastify";

/** Bounds of forms with files; what goes over is answered with 413. */
export interface MultipartOptions {
  /** The largest file. @default "10mb" */
  readonly fileSize?: ByteSize;
  /** The most files of a form. @default 10 */
  readonly files?: number;
  /** The largest field that is no file. @default "64kb" */
  readonly fieldSize?: ByteSize;
  /** The most fields that are no files. @default 100 */
  readonly fields?: number;
  /** The largest form that says how large it is. @default all the files and a megabyte */
  readonly total?: ByteSize;
}

/**
 * Reads forms with files: `request.file()`, `request.parts()`, and the rest of `@fastify/multipart`.
 *
 * @throws PeerMissingError (`ERR_PEER_MISSING`) when @fastify/multipart is not installed.
 */
export async function addMultipart(
  instance: FastifyInstance,
  options: MultipartOptions,
): Promise<void> {
  const { files = 10, fields = 100 } = options;
  const fileSize = toBytes(options.fileSize ?? "10mb", "multipart.fileSize");
  const fieldSize = toBytes(options.fieldSize ?? "64kb", "multipart.fieldSize");
  const total = toBytes(options.total ?? files * fileSize + toBytes("1mb"), "multipart.total");
  const { default: fastifyMultipart } = await importPeer(
    "@fastify/multipart",
    () => import("@fastify/multipart"),
    { for: "the option multipart" },
  );
  await instance.register(fastifyMultipart, {
    throwFileSizeLimit: true,
    limits: {
      fileSize,
      files,
      fieldSize,
      fields,
      fieldNameSize: 100,
      parts: files + fields,
      headerPairs: 100,
    },
  });
  // the parser of forms streams, and so is not under the bound of bodies; without a length, the bounds of its parts add up
  instance.addHook("onRequest", ({ headers }, _reply, next) => {
    const form = headers["content-type"]?.startsWith("multipart/") ?? false;
    if (form && Number(headers["content-length"]) > total) {
      next(
        new middlewareErrors.classes.BodyTooLargeError(`the form is larger than ${total} bytes`, {
          details: { limitBytes: total },
        }),
      );
    } else {
      next();
    }
  });
}
