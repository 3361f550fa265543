export { accessLog, type AccessLogOptions } from "./access-log.js";
export { audit, type AuditEvent, type AuditOptions } from "./audit.js";
export { authentication, type AuthenticationOptions } from "./authentication.js";
export { authorization, type AuthorizationOptions } from "./authorization.js";
export { compression, type CompressionOptions } from "./compression.js";
export { concurrency, type ConcurrencyOptions } from "./concurrency.js";
export {
  cookies,
  type CookieAttributes,
  type CookiesOptions,
  type SealedCookieOptions,
} from "./cookies.js";
export { cors, type CorsOptions } from "./cors.js";
export { csrf, HmacCsrfTokens, type CsrfOptions, type CsrfTokens } from "./csrf.js";
export { errorHandler, sendProblem, type ErrorHandlerOptions } from "./error-handler.js";
export { middlewareErrors } from "./errors.js";
export { etag, type EtagOptions } from "./etag.js";
export { expressErrors, expressNotFound, onExpress } from "./express.js";
export { fastifyLogger, type LogTarget } from "./fastify-logger.js";
export { idempotency, type IdempotencyOptions } from "./idempotency.js";
export { ipFilter, type IpFilterOptions } from "./ip-filter.js";
export { limits, type LimitsOptions } from "./limits.js";
export { maintenance, type MaintenanceOptions } from "./maintenance.js";
export { printMiddleware, routeMiddleware, type RouteMiddleware } from "./order.js";
export { addressKey, rateLimit, type RateLimitOptions } from "./rate-limit.js";
export { requestId, type RequestIdOptions } from "./request-id.js";
export { responseCache, type ResponseCacheOptions } from "./response-cache.js";
export { securityHeaders, securityHeadersOf } from "./security-headers.js";
export type { SecurityHeadersOptions } from "./security-headers.js";
export { tenant, type TenantOptions, type TenantSource } from "./tenant.js";
export { timeouts, type TimeoutsOptions } from "./timeouts.js";
export { parseTraceparent, type TraceContext } from "./trace-context.js";
export { isStandardSchema, validation, type ValidationOptions } from "./validation.js";
export type { StandardSchemas, StandardSchemaTypeProvider } from "./validation.js";
