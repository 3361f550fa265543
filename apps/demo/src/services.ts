import { AuthService } from "@infra/auth";
import { CacheService } from "@infra/cache";
import { ConfigService } from "@infra/config";
import { DatabaseService } from "@infra/database";
import type { Container } from "@infra/di";
import { Secret, tokens, type RateLimitStore } from "@infra/interfaces";
import { JobsService } from "@infra/jobs";
import { LoggerService } from "@infra/logging";
import { MemoryRateLimitStore } from "@infra/middleware/drivers/memory";
import { RedisRateLimitStore } from "@infra/middleware/drivers/redis";
import { ImageService } from "@infra/processor/image";
import { VideoService } from "@infra/processor/video";
import { PubSubService } from "@infra/pubsub";
import { GatewayService } from "@infra/pubsub/gateway";
import {
  BruteForceGuard,
  CsrfGuard,
  EncryptionService,
  findRecoveryCode,
  generateRecoveryCodes,
  PasswordPolicy,
  PasswordService,
  SignatureService,
  Totp,
} from "@infra/security";
import { ServerManager } from "@infra/server";
import { StorageService } from "@infra/storage";

import { Accounts } from "./accounts/accounts.js";
import { PrintedMail } from "./accounts/printed-mail.js";
import { bindAdmin } from "./admin/admin-module.js";
import { AlbumAccess, policy } from "./albums/album-access.js";
import { Albums } from "./albums/albums.js";
import { appConfig, isSecure, type AppConfig } from "./app-config.js";
import { AuditTrail } from "./audit-trail.js";
import { Comments } from "./comments/comments.js";
import { gatewayOptions } from "./live/gateway-rules.js";
import { Live } from "./live/live.js";
import { Visitors } from "./live/visitors.js";
import { MediaAccess } from "./media/media-access.js";
import { Pictures } from "./media/pictures.js";
import { Processing } from "./media/processing.js";
import { Purge } from "./media/purge.js";
import { migrations } from "./migrations.js";
import { pageHeaders } from "./page.js";
import { Photos } from "./photos/photos.js";
import { Shares } from "./shares/shares.js";
import { Completion } from "./uploads/completion.js";
import { Uploads } from "./uploads/uploads.js";

/** What the app is made of beside them; each names what it needs. */
const features = [
  Accounts,
  AlbumAccess,
  Albums,
  AuditTrail,
  Comments,
  Completion,
  Live,
  MediaAccess,
  Photos,
  Pictures,
  Processing,
  Purge,
  Shares,
  Uploads,
];

/** Which services there are. What each is told beyond this stands in its section of the configuration. */
export function bindServices(container: Container): void {
  const config = container.get(ConfigService).section(appConfig);
  const secure = isSecure(config);

  container.bind(LoggerService).toSelf();
  container.bind(DatabaseService).toSelf().withOptions({ migrations, migrateOnStart: true });
  container.bind(CacheService).toSelf();
  container.bind(StorageService).toSelf();
  container
    .bind(PubSubService)
    .toSelf()
    .withOptions({ durable: ["album.#"] });
  container
    .bind(JobsService)
    .toSelf()
    .withOptions({ work: config.role !== "web" });
  container
    .bind(ImageService)
    .toSelf()
    .withOptions({ formats: ["jpeg", "png", "webp", "avif", "gif", "tiff"] });
  // without ffmpeg, everything but videos goes on
  container.bind(VideoService).toSelf().withOptions({ required: false });

  for (const service of [EncryptionService, SignatureService, PasswordService, PrintedMail]) {
    container.bind(service).toSelf();
  }
  container
    .bind(tokens.rateLimitStore)
    .toFactory(() => rateLimitStore(config))
    .inSingletonScope();
  container
    .bind(AuthService)
    .toSelf()
    .withOptions({
      emailVerification: "optional",
      secureCookies: secure,
      cookie: secure ? "__Host-session" : "session",
      codes: new Totp({ issuer: "Lightbox" }),
      recoveryCodes: { generate: generateRecoveryCodes, find: findRecoveryCode },
      rules: new PasswordPolicy({ minLength: 10, words: ["photos"] }),
      guard: container.get(BruteForceGuard),
    });
  container.bind(tokens.authorizer).toConstantValue(policy);
  container.bind(CsrfGuard).toSelf();
  for (const feature of features) container.bind(feature).toSelf().inSingletonScope();

  container
    .bind(ServerManager)
    .toSelf()
    .withOptions({
      securityHeaders: pageHeaders,
      openapi: { info: { title: "Photos", version: "1.0.0" } },
    });
  bindAdmin(container);
  if (config.role === "worker") return;
  container.bind(tokens.authenticator).to(Visitors).whenInjectedInto(GatewayService);
  container.bind(GatewayService).toSelf().withOptions(gatewayOptions(container));
}

/** Where attempts are counted: in the Redis that processes share, if there is one. */
function rateLimitStore({ redisUrl }: AppConfig): RateLimitStore {
  return redisUrl === undefined
    ? new MemoryRateLimitStore()
    : new RedisRateLimitStore({ redis: Secret.reveal(redisUrl) });
}
