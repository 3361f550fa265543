export type { RequestContext } from "./active-request.js";
export { serverConfig } from "./config.js";
export { currentRequest } from "./current-request.js";
export type { CutRequest } from "./drain.js";
export { serverErrors } from "./errors.js";
export { sendEvents, sendNdjson } from "./event-stream.js";
export type { SendEventsOptions, ServerEvent } from "./event-stream.js";
export type { ExpressMiddleware } from "./express-middleware.js";
export type { MetricsOptions, MetricsRegistry } from "./metrics.js";
export type { MultipartOptions } from "./multipart.js";
export type { OpenApiOptions } from "./openapi.js";
export type { RouteMethod, TypedFastify } from "./route-method.js";
export type { RouteEntry } from "./route-table.js";
export { RouteGroup, type GroupOptions } from "./routes.js";
export { ServerManager } from "./server-manager.js";
export type { ServerDependencies, ServerStats } from "./server-manager.js";
export type { ServerOptions } from "./server-options.js";
export type { StaticFilesOptions } from "./static-files.js";
export type {
  WebSocketConnection,
  WebSocketHandler,
  WebSocketRouteOptions,
} from "./web-sockets.js";
