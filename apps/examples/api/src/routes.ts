import type { AccessPolicy, AuthService } from "@infra/auth";
import type { TokenSigner } from "@infra/interfaces";
import type { ServerManager } from "@infra/server";

import { addAccountRoutes } from "./account-routes.js";
import { addLoginRoutes } from "./login-routes.js";
import { addOtherRoutes } from "./other-routes.js";

/** What the routes call. */
export interface RouteServices {
  readonly auth: AuthService;
  readonly policy: AccessPolicy;
  readonly tokens: TokenSigner;
}

/** All routes. */
export function addRoutes(server: ServerManager, services: RouteServices): void {
  addLoginRoutes(server, services);
  addAccountRoutes(server, services);
  addOtherRoutes(server, services);
}
