import { defineErrors, InfraError, NotFoundError, shape, TimeoutError } from "@infra/errors";

/** What the plugins answer with, by class name. */
export const middlewareErrors = defineErrors({
  BodyTooLargeError: {
    code: "ERR_MIDDLEWARE_BODY_TOO_LARGE",
    when: "The body is larger than the route allows (413).",
    extends: InfraError,
    status: 413,
    details: shape<{ limitBytes: number }>(),
  },
  HandlerTimeoutError: {
    code: "ERR_MIDDLEWARE_HANDLER_TIMEOUT",
    when: "The handler took longer than it may (503).",
    extends: TimeoutError,
    status: 503,
  },
  MalformedBodyError: {
    code: "ERR_MIDDLEWARE_MALFORMED_BODY",
    when: "The body is not what its content type or length says, or holds a forbidden key (400).",
    extends: InfraError,
    status: 400,
  },
  MalformedRequestError: {
    code: "ERR_MIDDLEWARE_MALFORMED_REQUEST",
    when: "The request is not valid HTTP (400).",
    extends: InfraError,
    status: 400,
  },
  MalformedUrlError: {
    code: "ERR_MIDDLEWARE_MALFORMED_URL",
    when: "The URL can't be decoded (400).",
    extends: InfraError,
    status: 400,
  },
  RequestRefusedError: {
    code: "ERR_MIDDLEWARE_REQUEST_REFUSED",
    when: "Something else answered with a status of 400 to 499 and no code of its own.",
    extends: InfraError,
    status: 400,
  },
  RequestTimeoutError: {
    code: "ERR_MIDDLEWARE_REQUEST_TIMEOUT",
    when: "The client took too long to send its request (408).",
    extends: InfraError,
    status: 408,
  },
  HeadersTooLargeError: {
    code: "ERR_MIDDLEWARE_HEADERS_TOO_LARGE",
    when: "The request's headers are larger than the server reads (431).",
    extends: InfraError,
    status: 431,
  },
  RouteNotFoundError: {
    code: "ERR_MIDDLEWARE_ROUTE_NOT_FOUND",
    when: "No route answers this method and path (404).",
    extends: NotFoundError,
  },
  UnsupportedMediaTypeError: {
    code: "ERR_MIDDLEWARE_UNSUPPORTED_MEDIA_TYPE",
    when: "The body's content type is not one that the server reads (415).",
    extends: InfraError,
    status: 415,
  },
  UrlTooLongError: {
    code: "ERR_MIDDLEWARE_URL_TOO_LONG",
    when: "The URL, or a parameter in its path, is longer than allowed (414).",
    extends: InfraError,
    status: 414,
  },
});

export const {
  BodyTooLargeError,
  HandlerTimeoutError,
  HeadersTooLargeError,
  MalformedBodyError,
  MalformedRequestError,
  MalformedUrlError,
  RequestRefusedError,
  RequestTimeoutError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
  UrlTooLongError,
} = middlewareErrors.classes;
