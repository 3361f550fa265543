import type { PutObjectCommand, S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { Secret, toMilliseconds } from "@infra/interfaces";

import type { S3ConnectionOptions } from "./s3-connection-options.js";

/** What `import("@aws-sdk/client-s3")` gives. */
export type S3Module = typeof import("@aws-sdk/client-s3");

/** What is ready to talk to S3. */
export interface S3Connection {
  readonly s3: S3Module;
  readonly client: S3Client;
}

/** The AWS client, told what the options say. */
export function createS3Client(s3: S3Module, options: S3ConnectionOptions): S3Client {
  const { endpoint, credentials, checksums = true, maxSockets = 50 } = options;
  const region = options.region ?? (endpoint === undefined ? undefined : "us-east-1");
  const calculation = checksums ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  return new s3.S3Client({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && {
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: Secret.reveal(credentials.secretAccessKey),
        ...(credentials.sessionToken !== undefined && {
          sessionToken: Secret.reveal(credentials.sessionToken),
        }),
      },
    }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    requestChecksumCalculation: calculation,
    responseChecksumValidation: calculation,
    maxAttempts: options.maxAttempts ?? 3,
    requestHandler: {
      connectionTimeout: toMilliseconds(options.connectTimeout ?? "5s", "connectTimeout"),
      socketTimeout: toMilliseconds(options.requestTimeout ?? "30s", "requestTimeout"),
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
    ...options.clientConfig,
  });
}

/**
 * Lets a body that carries a checksum go unsigned, as the client itself does it with streams: to sign it, it would have to
 * be hashed a second time, with SHA-256, which takes longer than sending it.
 */
export function withoutBodyHash<C extends PutObjectCommand | UploadPartCommand>(command: C): C {
  (command.middlewareStack as PutObjectCommand["middlewareStack"]).add(
    (next) => (args) => {
      const request = args.request as { readonly headers: Record<string, string> };
      request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
      return next(args);
    },
    { step: "build", name: "infraWithoutBodyHash" },
  );
  return command;
}

/**
 * The same client for presigning: the checksum of a body that is not there yet is left out, which would refuse any other
 * body (https://github.com/aws/aws-sdk-js-v3/issues/6994).
 */
export function withoutChecksums(client: S3Client): S3Client {
  const config = {
    ...client.config,
    requestChecksumCalculation: () => Promise.resolve("WHEN_REQUIRED" as const),
  };
  return Object.create(client, { config: { value: config } }) as S3Client;
}
