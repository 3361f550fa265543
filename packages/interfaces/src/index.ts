export type {
  Principal,
  Credential,
  Revocation,
  Authenticator,
  Decision,
  Authorizer,
} from "./authenticator.js";
export { toBytes, type ByteSize } from "./byte-size.js";
export type { CacheStoreOptions, CacheStoreSetOptions, CacheStore } from "./cache-store.js";
export type { CacheSetOptions, CacheGetOrSetOptions, CacheCallOptions, Cache } from "./cache.js";
export { systemClock, type Clock } from "./clock.js";
export type { ManagedService, ServiceContainer } from "./container.js";
export type {
  IsolationLevel,
  Propagation,
  TransactionOptions,
  QueryOptions,
  Database,
} from "./database.js";
export { toMilliseconds, type Duration } from "./duration.js";
export type { DecryptOptions, EncryptOptions, Encrypter } from "./encrypter.js";
export type { ErrorContext, ErrorReporter } from "./error-reporter.js";
export type { HttpServer } from "./http-server.js";
export type { IdGenerator } from "./id-generator.js";
export type { Invalidation, InvalidationBus } from "./invalidation-bus.js";
export type {
  JobState,
  JobRetention,
  NewJob,
  JobDedupe,
  NewJobFlow,
  JobSnapshot,
  EngineJob,
  JobOutcome,
  EngineWorkerOptions,
  EngineWorker,
  JobEvent,
  StoredSchedule,
  EngineCallOptions,
  JobEngine,
} from "./job-engine.js";
export type {
  JobBackoff,
  JobDefinition,
  Job,
  JobHandler,
  EnqueueOptions,
  ScheduleOptions,
  JobQueue,
} from "./jobs.js";
export type {
  HealthSummary,
  Lifecycle,
  LifecycleReport,
  LifecycleState,
  ProbeKind,
  StepReport,
} from "./lifecycle.js";
export type { LogEntry, LogTransport } from "./log-transport.js";
export { silentLogger, type LogLevel, type LogMeta, type Logger } from "./logger.js";
export type { Mail, Mailer } from "./mailer.js";
export type { HealthStatus, HealthReport, StartContext, StopContext, Managed } from "./managed.js";
export type { PasswordHashOptions, PasswordHasher } from "./password-hasher.js";
export type { Topic, MessageContext, Subscription, SubscribeOptions, PubSub } from "./pubsub.js";
export type { QueueAddOptions, Queue } from "./queue.js";
export type { RateLimitRule, RateLimitResult, RateLimitStore } from "./rate-limit-store.js";
export { Secret } from "./secret.js";
export {
  defineSection,
  type SettingTypes,
  type SettingFormat,
  type Setting,
  type SectionShape,
  type SectionValues,
  type ConfigSection,
  type Config,
} from "./section.js";
export type { StoredSession, SessionStoreOptions, SessionStore } from "./session-store.js";
export type { VerifyOptions, SignOptions, Signer } from "./signer.js";
export type { SqlResult, SqlClient, SqlPool, SqlPoolOptions } from "./sql-pool.js";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.js";
export type {
  FileContent,
  StorageCallOptions,
  StoreProgress,
  StoreFileOptions,
  FileMetadata,
  FileContentOptions,
  FileRange,
  ListFilesOptions,
  ListedFile,
  FileList,
  SignedUrlOptions,
  UploadFormOptions,
  UploadForm,
  IStorageProvider,
} from "./storage-provider.js";
export type { StorageOptions, StoreFileRequest, CopyFileOptions, Storage } from "./storage.js";
export type {
  TokenClaims,
  TokenSignOptions,
  TokenVerifyOptions,
  TokenSigner,
} from "./token-signer.js";
export { token, type Token } from "./token.js";
export { tokens } from "./tokens.js";
export { lazy, optional, section } from "./inject.js";
export type { Constructor, Inject, Injectable, InjectEntry } from "./inject.js";
export type { LazyEntry, OptionalEntry, SectionEntry } from "./inject.js";
