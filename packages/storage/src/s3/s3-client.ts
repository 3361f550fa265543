import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { Secret, toMilliseconds, type Duration } from "@infra/interfaces";

/** What `import("@aws-sdk/client-s3")` gives. */
export type S3Module = typeof import("@aws-sdk/client-s3");

/** Who one is to S3. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string | Secret;
  readonly sessionToken?: string | Secret | undefined;
}

/** Options that say how S3 is reached. */
export interface S3ConnectionOptions {
  /** @default what the AWS client finds in its environment; with `endpoint`, "us-east-1" */
  readonly region?: string | undefined;
  /** The address of a service that speaks S3: MinIO, R2, …. @default that of AWS for the region */
  readonly endpoint?: string | undefined;
  /** Whether the bucket is a part of the path, not of the host's name. @default true with `endpoint` */
  readonly forcePathStyle?: boolean | undefined;
  /** @default what the AWS client finds in its environment, files or the machine's role */
  readonly credentials?: S3Credentials | undefined;
  /**
   * Whether uploads carry a CRC-32 and downloads are held against it. Some services that speak S3 refuse requests with
   * checksums, or answer wrong ones: `false` for those.
   *
   * @default true
   */
  readonly checksums?: boolean | undefined;
  /** Connections at the most. @default 50 */
  readonly maxSockets?: number | undefined;
  /** How long making a connection may take. @default "5s" */
  readonly connectTimeout?: Duration | undefined;
  /** How long an answer may be silent. @default "30s" */
  readonly requestTimeout?: Duration | undefined;
  /** How often a request is tried. @default 3 */
  readonly maxAttempts?: number | undefined;
  /** Anything else that the AWS client can be told; goes before what is said above. */
  readonly clientConfig?: S3ClientConfig | undefined;
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
