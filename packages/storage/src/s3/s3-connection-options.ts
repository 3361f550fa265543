import type { Duration, Secret } from "@infra/interfaces";

/** The `S3Client` of `@aws-sdk/client-s3`, which is optional: as far as one need not have it to name it. */
export interface AwsS3Client {
  readonly config: object;
  send(command: never, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
  destroy(): void;
}

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
  /** Anything else that the AWS client can be told, an `S3ClientConfig`; goes before what is said above. */
  readonly clientConfig?: object | undefined;
}
