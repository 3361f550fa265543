import { finished, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

import { importPeer, InfraError } from "@infra/errors";
import { toBytes, type ByteSize } from "@infra/interfaces";
import type { FastifyPluginAsync, RequestPayload } from "fastify";
import fp from "fastify-plugin";

import { BodyTooLargeError, MalformedBodyError, UnsupportedEncodingError } from "./errors.js";
import { decompresses } from "./limits.js";
import { place } from "./order.js";

type Encoding = "br" | "gzip" | "deflate";

/** Options of {@link compression}. */
export interface CompressionOptions {
  /** How answers may be compressed, in the order of preference. @default br, gzip */
  readonly encodings?: readonly Encoding[];
  /** The least size of an answer worth it. @default "1kb" */
  readonly threshold?: ByteSize;
  /** How bodies of requests may be compressed; what they are inflated to counts for the body's limit. @default none */
  readonly requestEncodings?: readonly Encoding[];
}

const inflaters: Readonly<Record<Encoding, () => Transform>> = {
  br: () => createBrotliDecompress({ chunkSize }),
  gzip: () => createGunzip({ chunkSize }),
  deflate: () => createInflate({ chunkSize }),
};

/** How much is inflated before the bound is looked at again. */
const chunkSize = 16 * 1024;

const plugin: FastifyPluginAsync<CompressionOptions> = async (fastify, options) => {
  place(fastify, "compression", ["etag", "response-cache", "idempotency"]);
  const { encodings = ["br", "gzip"], requestEncodings = [] } = options;
  for (const encoding of [...encodings, ...requestEncodings]) {
    if (!(encoding in inflaters)) {
      throw new TypeError(`compression: encodings are br, gzip and deflate, got ${encoding}`);
    }
  }
  const { default: fastifyCompress } = await importPeer(
    "@fastify/compress",
    () => import("@fastify/compress"),
    { for: "the plugin compression" },
  );
  await fastify.register(fastifyCompress, {
    global: encodings.length > 0,
    globalDecompression: false,
    encodings: [...encodings],
    threshold: toBytes(options.threshold ?? "1kb", "threshold"),
    // an answer that can't be had in the encoding asked for is sent as it is
    inflateIfDeflated: false,
  });
  if (requestEncodings.length === 0) return;

  (fastify as { [decompresses]?: boolean })[decompresses] = true;
  fastify.addHook("preParsing", (request, _reply, payload, next) => {
    const encoding = request.headers["content-encoding"];
    if (encoding === undefined || encoding === "identity") {
      next(null, payload);
      return;
    }
    if (!requestEncodings.includes(encoding as Encoding)) {
      next(
        new UnsupportedEncodingError(
          `bodies are read when they are compressed with ${requestEncodings.join(", ")}`,
        ),
      );
      return;
    }
    const inflater = inflaters[encoding as Encoding]();
    const limitBytes = request.routeOptions.bodyLimit;
    const inflated = Readable.from(bounded(inflater, limitBytes), { objectMode: false });
    // what Fastify holds against content-length
    const counted = inflated as RequestPayload;
    counted.receivedEncodedLength = 0;
    payload.on("data", (chunk: Buffer) => {
      counted.receivedEncodedLength! += chunk.length;
    });
    finished(payload, (error) => {
      if (error) inflater.destroy(error);
    });
    payload.pipe(inflater);
    delete request.headers["content-encoding"];
    next(null, counted);
  });
};

/**
 * What comes out of an inflater, up to a bound. Fastify stops to count where its own bound is reached and lets the stream
 * run on, to the end of the bomb; leaving the loop destroys the inflater.
 */
async function* bounded(inflater: Transform, limitBytes: number): AsyncGenerator<Buffer> {
  let total = 0;
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > limitBytes) {
        throw new BodyTooLargeError(`the body is larger than ${limitBytes} bytes`, {
          details: { limitBytes },
        });
      }
      yield chunk;
    }
  } catch (error) {
    if (InfraError.is(error)) throw error;
    throw new MalformedBodyError("the body can't be inflated", { cause: error });
  }
}

/**
 * Compresses answers with `@fastify/compress`, and inflates the bodies of requests where that is asked for: never by more
 * than the body's limit, however little there is to send for it.
 */
export const compression: FastifyPluginAsync<CompressionOptions> = fp(plugin, {
  name: "@infra/middleware/compression",
  fastify: "5.x",
});
