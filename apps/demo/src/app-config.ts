import { defineSection, type SectionValues } from "@infra/interfaces";

/** The app's own configuration: the section `app`. What its packages are told stands in their own sections. */
export const appConfig = defineSection("app", {
  role: {
    doc: "What this process does: answer requests (web), work in the background (worker), or both.",
    format: "enum",
    values: ["all", "web", "worker"],
    default: "all",
    env: "ROLE",
  },
  publicUrl: {
    doc: "The address that people open: links begin with it, and with https: cookies go over TLS alone. Unset: where the server listens.",
    format: "url",
    env: "PUBLIC_URL",
  },
  redisUrl: {
    doc: "The Redis that rate limits are counted in. Unset: each process counts for itself.",
    format: "string",
    env: "REDIS_URL",
    sensitive: true,
  },
  adminEmail: {
    doc: "Whose account is the administrator: sign up with it before others can. Unset: the first account.",
    format: "string",
    env: "ADMIN_EMAIL",
  },
  maxImageSize: {
    doc: "The largest picture.",
    format: "bytes",
    default: "40mb",
    env: "MAX_IMAGE_SIZE",
  },
  maxVideoSize: {
    doc: "The largest video.",
    format: "bytes",
    default: "500mb",
    env: "MAX_VIDEO_SIZE",
  },
  partSize: {
    doc: "How large the parts are that an upload comes in.",
    format: "bytes",
    default: "2mb",
    env: "UPLOAD_PART_SIZE",
  },
  uploadsExpire: {
    doc: "When an upload that was not completed is forgotten.",
    format: "duration",
    default: "1d",
    env: "UPLOADS_EXPIRE",
  },
  undoFor: {
    doc: "How long what was deleted can be brought back.",
    format: "duration",
    default: "10m",
    env: "UNDO_FOR",
  },
  requestsPerMinute: {
    doc: "Requests of one address per minute.",
    format: "integer",
    default: 3_000,
    env: "REQUESTS_PER_MINUTE",
  },
});

/** The values of {@link appConfig}. */
export type AppConfig = SectionValues<typeof appConfig.settings>;

/** Whether people come over TLS: cookies go no other way then. */
export const isSecure = ({ publicUrl }: AppConfig): boolean =>
  publicUrl?.startsWith("https:") ?? false;
