export type { RequestContext } from "./active-request.js";
export { serverConfig } from "./config.js";
export type { CutRequest } from "./drain.js";
export { serverErrors } from "./errors.js";
export type { OpenApiOptions } from "./openapi.js";
export type { RouteMethod, TypedFastify } from "./route-method.js";
export { ServerManager } from "./server-manager.js";
export type { ServerDependencies, ServerStats } from "./server-manager.js";
export type { ServerOptions } from "./server-options.js";
