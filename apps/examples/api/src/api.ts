import { AccessPolicy, AuthService, type AuthOptions } from "@infra/auth";
import { ConfigService, type ConfigServiceOptions } from "@infra/config";
import { DatabaseService } from "@infra/database";
import { createContainer, type Container } from "@infra/di";
import { tokens, type Mailer, type RateLimitStore } from "@infra/interfaces";
import { ApplicationLifecycle, type LifecycleOptions } from "@infra/lifecycle";
import { LoggerService } from "@infra/logging";
import { authentication } from "@infra/middleware/authentication";
import { authorization } from "@infra/middleware/authorization";
import { cookies } from "@infra/middleware/cookies";
import { csrf } from "@infra/middleware/csrf";
import { BruteForceGuard, CsrfGuard, EncryptionService, PasswordPolicy } from "@infra/security";
import { PasswordService, SignatureService, TokenService, Totp } from "@infra/security";
import { findRecoveryCode, generateRecoveryCodes } from "@infra/security";
import { ServerManager } from "@infra/server";

import { addRoutes } from "./routes.js";

/** What an application of one's own says otherwise, and a test. */
export interface ApiOptions {
  readonly mailer: Mailer;
  readonly config?: ConfigServiceOptions;
  readonly lifecycle?: LifecycleOptions;
  readonly auth?: AuthOptions;
  /** Where attempts are counted, when there are several processes. @default in this one */
  readonly attempts?: RateLimitStore | undefined;
}

const policy = new AccessPolicy({
  roles: { user: ["reports.read"], admin: ["*"] },
  rules: [
    { deny: "accounts.disable", where: { isAdmin: true }, because: "it is an administrator" },
  ],
});

/** The whole set-up: which services there are, and what every request passes through. */
export function createApi({ mailer, attempts, ...options }: ApiOptions): {
  readonly container: Container;
  readonly lifecycle: ApplicationLifecycle;
} {
  const container = createContainer();
  container
    .bind(ConfigService)
    .toSelf()
    .withOptions(options.config ?? {});
  container.bind(LoggerService).toSelf();
  container.bind(DatabaseService).toSelf();
  container.bind(EncryptionService).toSelf();
  container.bind(SignatureService).toSelf();
  container.bind(TokenService).toSelf();
  container.bind(PasswordService).toSelf();
  container.bind(tokens.mailer).toConstantValue(mailer);
  if (attempts) container.bind(tokens.rateLimitStore).toConstantValue(attempts);
  container
    .bind(AuthService)
    .toSelf()
    .withOptions({
      codes: new Totp({ issuer: "Notes" }),
      recoveryCodes: { generate: generateRecoveryCodes, find: findRecoveryCode },
      rules: new PasswordPolicy({ words: ["notes"] }),
      guard: new BruteForceGuard({}, { store: attempts }),
      ...options.auth,
    });
  container
    .bind(ServerManager)
    .toSelf()
    .withOptions({
      multipart: { fileSize: "100kb", files: 1 },
      openapi: { info: { title: "Notes", version: "1.0.0" } },
    });

  container
    .bind(ApplicationLifecycle)
    .toSelf()
    .withOptions(options.lifecycle ?? {});

  const lifecycle = container.get(ApplicationLifecycle);
  lifecycle.registerStartupHook("http-server", async () => {
    const [server, auth] = [container.get(ServerManager), container.get(AuthService)];
    await auth.start();
    const sessionCookie = auth.sessions.cookieName;
    server.register(cookies, {});
    server.register(authentication, { authenticator: auth, sessionCookie });
    server.register(csrf, { tokens: container.get(CsrfGuard), sessionCookie });
    server.register(authorization, { authorizer: policy });
    addRoutes(server, { auth, policy, tokens: container.get(TokenService) });
    await server.start();
  });
  return { container, lifecycle };
}
