import { defineSection } from "@infra/interfaces";

/** The configuration of a storage: the section `storage`. */
export const storageConfig = defineSection("storage", {
  url: {
    doc: "Where files are kept: file:./directory, memory:, s3://bucket?region=…&endpoint=….",
    format: "string",
    default: "file:./data/files",
    env: "STORAGE_URL",
    // an S3 URL may hold credentials
    sensitive: true,
  },
  maxSize: {
    doc: "The largest file that may come in.",
    format: "bytes",
    default: "5gb",
    env: "STORAGE_MAX_SIZE",
  },
  allowedTypes: {
    doc: "The types that may come in, by content: image/*, application/pdf; unset for all.",
    format: "list",
    env: "STORAGE_ALLOWED_TYPES",
  },
  maxContentSize: {
    doc: "The largest file that getFileContent() reads into memory.",
    format: "bytes",
    default: "64mb",
  },
  publicUrl: {
    doc: "Where the application serves signed URLs itself, for providers that have none: https://example.org/files.",
    format: "url",
    env: "STORAGE_PUBLIC_URL",
  },
  signingKey: {
    doc: "What those URLs are signed with: the same in every process.",
    format: "string",
    env: "STORAGE_SIGNING_KEY",
    sensitive: true,
    validate: (value, { production }) =>
      production && value.length < 32
        ? "must have at least 32 characters in production"
        : undefined,
  },
  signedUrlExpiry: {
    doc: "How long a signed URL holds when nothing else is said.",
    format: "duration",
    default: "15m",
  },
  stopTimeout: {
    doc: "How long stop() waits for calls under way before it gives them up.",
    format: "duration",
    default: "10s",
  },
});
