export { accessLog, type AccessLogOptions } from "./access-log.js";
export { errorHandler, sendProblem, type ErrorHandlerOptions } from "./error-handler.js";
export { middlewareErrors } from "./errors.js";
export { limits, type LimitsOptions } from "./limits.js";
export { requestId, type RequestIdOptions } from "./request-id.js";
export { securityHeaders, securityHeadersOf } from "./security-headers.js";
export type { SecurityHeadersOptions } from "./security-headers.js";
export { parseTraceparent, type TraceContext } from "./trace-context.js";
