import type { Authenticator, Authorizer } from "./authenticator.js";
import type { Cache } from "./cache.js";
import type { Clock } from "./clock.js";
import type { ServiceContainer } from "./container.js";
import type { Database } from "./database.js";
import type { Encrypter } from "./encrypter.js";
import type { ErrorReporter } from "./error-reporter.js";
import type { HttpServer } from "./http-server.js";
import type { IdGenerator } from "./id-generator.js";
import type { InvalidationBus } from "./invalidation-bus.js";
import type { JobQueue } from "./jobs.js";
import type { Lifecycle } from "./lifecycle.js";
import type { Logger } from "./logger.js";
import type { Mailer } from "./mailer.js";
import type { PasswordHasher } from "./password-hasher.js";
import type { PubSub } from "./pubsub.js";
import type { RateLimitStore } from "./rate-limit-store.js";
import type { Config } from "./section.js";
import type { SessionStore } from "./session-store.js";
import type { Signer } from "./signer.js";
import type { Storage } from "./storage.js";
import type { TokenSigner } from "./token-signer.js";
import { token } from "./token.js";

/** The one table of the tokens that packages answer to or ask for. */
export const tokens = {
  authenticator: token<Authenticator>("authenticator"),
  authorizer: token<Authorizer>("authorizer"),
  cache: token<Cache>("cache"),
  clock: token<Clock>("clock"),
  config: token<Config>("config"),
  /** The container that made the service which asks: the outermost one, also for what lives in a scope. */
  container: token<ServiceContainer>("container"),
  database: token<Database>("database"),
  encrypter: token<Encrypter>("encrypter"),
  errorReporter: token<ErrorReporter>("errorReporter"),
  idGenerator: token<IdGenerator>("idGenerator"),
  invalidationBus: token<InvalidationBus>("invalidationBus"),
  jobs: token<JobQueue>("jobs"),
  lifecycle: token<Lifecycle>("lifecycle"),
  logger: token<Logger>("logger"),
  mailer: token<Mailer>("mailer"),
  passwordHasher: token<PasswordHasher>("passwordHasher"),
  pubsub: token<PubSub>("pubsub"),
  rateLimitStore: token<RateLimitStore>("rateLimitStore"),
  server: token<HttpServer>("server"),
  sessionStore: token<SessionStore>("sessionStore"),
  signer: token<Signer>("signer"),
  storage: token<Storage>("storage"),
  tokenSigner: token<TokenSigner>("tokenSigner"),
} as const;
