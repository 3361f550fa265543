import {
  ForbiddenError,
  ConflictError,
  InfraError,
  InternalError,
  NotFoundError,
  RateLimitedError,
  UnauthenticatedError,
  ValidationError,
  type InfraErrorClass,
  type ValidationIssue,
} from "@infra/errors";
import type { FastifyRequest } from "fastify";

import {
  BodyTooLargeError,
  HandlerTimeoutError,
  MalformedBodyError,
  MalformedUrlError,
  RequestRefusedError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
  UrlTooLongError,
} from "./errors.js";

/** What an error may carry, by the conventions of Fastify, its plugins and http-errors. */
interface HttpishError {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly status?: unknown;
  readonly expose?: unknown;
  readonly validation?: unknown;
  readonly validationContext?: unknown;
}

const ofFastify: Readonly<Record<string, readonly [InfraErrorClass, string]>> = {
  FST_ERR_BAD_URL: [MalformedUrlError, "the URL can't be decoded"],
  FST_ERR_CTP_EMPTY_JSON_BODY: [MalformedBodyError, "the body is empty, JSON was announced"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    MalformedBodyError,
    "the body is not as long as content-length says",
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: [MalformedBodyError, "the body is not valid JSON"],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    UnsupportedMediaTypeError,
    "the body's content type is not supported",
  ],
  FST_ERR_HANDLER_TIMEOUT: [HandlerTimeoutError, "the request took too long"],
  FST_ERR_MAX_PARAM_LENGTH: [UrlTooLongError, "a parameter in the URL's path is too long"],
  FST_ERR_NOT_FOUND: [RouteNotFoundError, "there is nothing here"],
};

const byStatus: Readonly<Record<number, InfraErrorClass>> = {
  401: UnauthenticatedError,
  403: ForbiddenError,
  413: BodyTooLargeError,
  404: NotFoundError,
  409: ConflictError,
  429: RateLimitedError,
};

/**
 * Whatever a handler, a hook or Fastify itself threw, as an {@link InfraError} that may be shown: with the status it
 * stands for, and with words only where they were meant for the client.
 */
export function toInfraError(error: unknown, request?: FastifyRequest): InfraError {
  if (InfraError.is(error)) return error;
  const given = (typeof error === "object" && error !== null ? error : {}) as HttpishError;
  if (Array.isArray(given.validation)) return validationError(error, given);

  const code = typeof given.code === "string" ? given.code : "";
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const limitBytes = request?.routeOptions.bodyLimit;
    return new BodyTooLargeError(
      limitBytes ? `the body is larger than ${limitBytes} bytes` : "the body is too large",
      { cause: error, ...(limitBytes && { details: { limitBytes } }) },
    );
  }
  const [Known, message] = ofFastify[code] ?? [];
  if (Known) return new Known(message!, { cause: error, publicMessage: message! });

  const status = given.statusCode ?? given.status;
  if (typeof status !== "number" || !(status >= 400 && status < 500)) {
    return new InternalError("unexpected error", { cause: error });
  }
  // Any error may carry a status, one from a client of another service too: only what says that its words are for
  // clients (http-errors by `expose`, Fastify's plugins by their codes) is quoted.
  const meantForClients = given.expose === true || code.startsWith("FST_");
  const Class = byStatus[status] ?? RequestRefusedError;
  return new Class(meantForClients ? String(given.message) : "the request was refused", {
    cause: error,
    status,
    ...(code.startsWith("FST_") && { code }),
  });
}

/** One entry of Ajv's, as Fastify passes it on; another validator's may have less. */
interface SchemaIssue {
  readonly instancePath?: unknown;
  readonly message?: unknown;
  readonly keyword?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
}

function validationError(error: unknown, given: HttpishError): ValidationError {
  const part = typeof given.validationContext === "string" ? given.validationContext : "body";
  const issues = (given.validation as readonly SchemaIssue[]).map((issue) =>
    toIssue(part === "querystring" ? "query" : part, issue),
  );
  return new ValidationError("the request is not valid", { cause: error, issues });
}

function toIssue(part: string, issue: SchemaIssue): ValidationIssue {
  const path: (string | number)[] = [part];
  if (typeof issue.instancePath === "string") {
    for (const step of issue.instancePath.split("/").slice(1)) {
      path.push(step.replaceAll("~1", "/").replaceAll("~0", "~"));
    }
  }
  const property = issue.params?.["missingProperty"] ?? issue.params?.["additionalProperty"];
  if (typeof property === "string") path.push(property);
  return {
    path,
    message: typeof issue.message === "string" ? issue.message : "is not valid",
    ...(typeof issue.keyword === "string" && { code: issue.keyword }),
  };
}
