import { defineSection } from "@infra/interfaces";

/** The configuration of a database: the section `database`. */
export const databaseConfig = defineSection("database", {
  url: {
    doc: "Which database: postgres://user:password@host:5432/name, mysql://…, sqlite:./file, pglite:./directory (embedded), pglite:memory.",
    format: "database-url",
    default: "pglite:./data/db",
    env: "DATABASE_URL",
    sensitive: true,
  },
  maxConnections: {
    doc: "Connections at the most.",
    format: "integer",
    default: 10,
    env: "DATABASE_MAX_CONNECTIONS",
  },
  minConnections: {
    doc: "Connections that are kept open when idle.",
    format: "integer",
    default: 0,
  },
  startTimeout: {
    doc: "How long start() keeps trying to reach the database.",
    format: "duration",
    default: "10s",
    env: "DATABASE_START_TIMEOUT",
  },
  connectTimeout: {
    doc: "How long one connection may take to be made.",
    format: "duration",
    default: "5s",
  },
  acquireTimeout: {
    doc: "How long a statement waits for a free connection.",
    format: "duration",
    default: "10s",
  },
  idleTimeout: {
    doc: "How long an idle connection is kept.",
    format: "duration",
    default: "30s",
  },
  validateAfter: {
    doc: "A connection that was idle for longer is tried before it is used.",
    format: "duration",
    default: "5s",
  },
  queryTimeout: {
    doc: "How long a statement may run before it is cancelled; unset for no limit.",
    format: "duration",
    env: "DATABASE_QUERY_TIMEOUT",
  },
  stopTimeout: {
    doc: "How long stop() waits for connections in use.",
    format: "duration",
    default: "10s",
  },
  slowQuery: {
    doc: "A statement that takes longer is logged as a warning.",
    format: "duration",
    default: "1s",
  },
  replicas: {
    doc: "The URLs of read replicas.",
    format: "list",
    env: "DATABASE_REPLICAS",
    sensitive: true,
  },
  migrations: {
    doc: "The folder with the migrations.",
    format: "string",
  },
  seeds: {
    doc: "The folder with the seeds.",
    format: "string",
  },
  migrateOnStart: {
    doc: "Whether start() runs the migrations that are missing.",
    format: "boolean",
    default: false,
    env: "DATABASE_MIGRATE_ON_START",
  },
});
