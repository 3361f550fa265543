import { AuthService } from "@infra/auth";
import { ConfigService } from "@infra/config";
import type { Container } from "@infra/di";
import { tokens } from "@infra/interfaces";
import { ApplicationLifecycle } from "@infra/lifecycle";
import { audit } from "@infra/middleware/audit";
import { authentication } from "@infra/middleware/authentication";
import { authorization } from "@infra/middleware/authorization";
import { cookies } from "@infra/middleware/cookies";
import { csrf } from "@infra/middleware/csrf";
import { rateLimit } from "@infra/middleware/rate-limit";
import { CsrfGuard } from "@infra/security";
import { ServerManager } from "@infra/server";

import { addLoginRoutes } from "./accounts/login-routes.js";
import { addSessionRoutes } from "./accounts/session-routes.js";
import { addAdminRoutes } from "./admin/admin-routes.js";
import { addAlbumRoutes } from "./albums/album-routes.js";
import { appConfig, isSecure } from "./app-config.js";
import { AuditTrail } from "./audit-trail.js";
import { addCommentRoutes } from "./comments/comment-routes.js";
import { csrfHeader } from "./contract.js";
import { addMediaRoutes } from "./media/media-routes.js";
import { addPage } from "./page.js";
import { addPhotoRoutes } from "./photos/photo-routes.js";
import { addSearchRoutes } from "./search/search-routes.js";
import { addShareRoutes } from "./shares/share-routes.js";
import { addUploadRoutes } from "./uploads/upload-routes.js";

const features = [
  addLoginRoutes,
  addSessionRoutes,
  addAlbumRoutes,
  addPhotoRoutes,
  addUploadRoutes,
  addCommentRoutes,
  addShareRoutes,
  addSearchRoutes,
  addMediaRoutes,
  addAdminRoutes,
];

/** All that is answered over HTTP, and what every request of the API passes through. */
export function addWeb(container: Container): void {
  const server = container.get(ServerManager);
  const auth = container.get(AuthService);
  const trail = container.get(AuditTrail);
  const lifecycle = container.get(ApplicationLifecycle);
  const logger = container.get(tokens.logger);
  const config = container.get(ConfigService).section(appConfig);
  const { cookieName: sessionCookie } = auth.sessions;
  const secure = isSecure(config);

  server.group("", (routes) => {
    // the page is there at once; what it asks for waits until everything has started
    routes.fastify.addHook("onRequest", async () => await lifecycle.startup());
    routes.register(rateLimit, {
      limit: config.requestsPerMinute,
      store: container.get(tokens.rateLimitStore),
      logger,
    });
    routes.register(cookies, {});
    routes.register(authentication, { authenticator: auth, schemes: ["session"], sessionCookie });
    routes.register(csrf, {
      tokens: container.get(CsrfGuard),
      sessionCookie,
      header: csrfHeader,
      secure,
      cookie: secure ? "__Host-csrf" : "csrf",
    });
    routes.register(authorization, { authorizer: container.get(tokens.authorizer) });
    routes.register(audit, { sink: (event) => trail.enqueue(event), logger });
    for (const addRoutes of features) addRoutes(routes, container);
  });
  addPage(server);
}
