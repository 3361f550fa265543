import { InfraError, vagueMessage } from "./infra-error.js";
import { RateLimitedError, ValidationError } from "./semantic-errors.js";

/** A problem as HTTP clients read it: RFC 9457, `application/problem+json`. */
export interface ProblemDetails {
  /** `about:blank`: the `code` identifies the problem. */
  readonly type: string;
  /** The status in words. */
  readonly title: string;
  readonly status: number;
  /** What happened this time, in words that a client may read. */
  readonly detail: string;
  /** Which occurrence it was: the request's id. */
  readonly instance?: string;
  readonly code: string;
  /** What is wrong with the input, each with a JSON Pointer into it (RFC 6901). */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** How long to wait before trying again, in seconds. */
  readonly retryAfter?: number;
}

/**
 * An error as problem details. Anything that is no {@link InfraError} is a 500 that tells nothing: no message, stack,
 * path or SQL reaches the client.
 */
export function toProblemDetails(
  error: unknown,
  options: { readonly instance?: string } = {},
): ProblemDetails {
  const known = InfraError.is(error) ? error : undefined;
  const status = known?.status ?? 500;
  return {
    type: "about:blank",
    title: statusTitle(status),
    status,
    detail: known?.publicMessage ?? vagueMessage,
    ...(options.instance !== undefined && { instance: options.instance }),
    code: known?.code ?? InfraError.code,
    ...(ValidationError.is(error) && {
      errors: error.details.issues.map(({ path, message }) => ({
        pointer: jsonPointer(path),
        detail: message,
      })),
    }),
    ...(RateLimitedError.is(error) &&
      error.retryAfterMs !== undefined && { retryAfter: Math.ceil(error.retryAfterMs / 1000) }),
  };
}

/** `node:http` takes longer to load than this whole package, so it is asked only when needed. */
function statusTitle(status: number): string {
  const { STATUS_CODES } = process.getBuiltinModule("node:http");
  return STATUS_CODES[status] ?? (status === 499 ? "Client Closed Request" : "Error");
}

function jsonPointer(path: readonly (string | number)[]): string {
  return path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
