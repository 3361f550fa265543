import { randomBytes } from "node:crypto";

import { HmacCsrfTokens, type CsrfTokens } from "./csrf-tokens.js";
import { CsrfError } from "./errors.js";
import {
  appendHeader,
  cookieOf,
  definePlugin,
  type Check,
  type NeutralPlugin,
  type WebRequest,
  type WebResponse,
} from "./neutral.js";

export { HmacCsrfTokens, type CsrfTokens } from "./csrf-tokens.js";

declare module "fastify" {
  interface FastifyRequest {
    /** A token for a form or a header, of the plugin csrf; sets its cookie when that is missing. */
    csrfToken: () => string;
  }
  interface FastifyContextConfig {
    /** `false`: this route takes requests from anywhere. */
    csrf?: false;
  }
}

/** Options of {@link csrf}: `secret` or `tokens`. */
export interface CsrfOptions {
  /** What the tokens are signed with, at least 32 bytes; the same in every process. */
  readonly secret?: string | Uint8Array;
  /** Instead of `secret`: who makes and checks the tokens. */
  readonly tokens?: CsrfTokens;
  /** The cookie with the session, which a token is bound to besides its own. @default "session" */
  readonly sessionCookie?: string;
  /** What a token is bound to instead. @default the value of `sessionCookie` */
  readonly session?: (request: WebRequest) => string | undefined;
  /** Other origins whose pages may send requests: `https://app.example.com`. @default [] */
  readonly origins?: readonly string[];
  /** The cookie of the plugin. @default "__Host-csrf" */
  readonly cookie?: string;
  /** Whether cookies go over TLS alone; `false` asks for another name of the cookie. @default true */
  readonly secure?: boolean;
  /** The header with the token. @default "x-csrf-token" */
  readonly header?: string;
  /** The field of a body with the token. @default "_csrf" */
  readonly field?: string;
}

const safe = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

function create(options: CsrfOptions): Check {
  const { cookie = "__Host-csrf", secure = true, field = "_csrf", origins = [] } = options;
  const { sessionCookie = "session" } = options;
  const { session = (request) => cookieOf(request, sessionCookie) } = options;
  const header = (options.header ?? "x-csrf-token").toLowerCase();
  const tokens = options.tokens ?? new HmacCsrfTokens(options.secret!);
  if (!secure && cookie.startsWith("__Host-")) {
    throw new TypeError(`csrf: a cookie without Secure can't be called ${cookie}: set cookie`);
  }
  const own = new Set(origins.map((origin) => new URL(origin).origin));

  const bindingOf = (request: WebRequest, secret: string): string =>
    `${secret}:${session(request) ?? ""}`;

  const issue = (request: WebRequest, response: WebResponse) => {
    let secret = cookieOf(request, cookie);
    return (): string => {
      if (secret === undefined) {
        secret = randomBytes(24).toString("base64url");
        const flags = secure ? "; Secure" : "";
        appendHeader(
          response,
          "set-cookie",
          `${cookie}=${secret}; Path=/; HttpOnly; SameSite=Lax${flags}`,
        );
      }
      return tokens.create(bindingOf(request, secret));
    };
  };

  return (request, response, config) => {
    (request as { csrfToken?: () => string }).csrfToken = issue(request, response);
    if (safe.has(request.method) || config.csrf === false) return;
    // a token or key that no browser sends by itself
    const { credentialScheme } = request as { credentialScheme?: string };
    if (credentialScheme === "bearer" || credentialScheme === "api-key") return;
    if (!isSameSite(request, own)) throw new CsrfError("the request comes from another site");
    const { body } = request as { body?: unknown };
    const sent = request.headers[header] ?? (body as Record<string, unknown> | undefined)?.[field];
    const secret = cookieOf(request, cookie);
    if (typeof sent !== "string" || secret === undefined) {
      throw new CsrfError("the token against forged requests is missing");
    }
    if (!tokens.verify(sent, bindingOf(request, secret))) {
      throw new CsrfError("the token against forged requests is not valid");
    }
  };
}

/** What browsers say of where a request comes from; one that says nothing is left to the token. */
function isSameSite({ headers }: WebRequest, own: ReadonlySet<string>): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && own.has(origin)) return true;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none";
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false; // "null" too
  }
}

/**
 * Refuses requests that another site made a browser send (403): by `Sec-Fetch-Site` and `Origin`, and by a signed double
 * submit, a token in a header or a form's field that is bound to a cookie and to the session. Requests that were
 * recognised by a bearer token or an API key need none. `request.csrfToken()` makes one.
 */
export const csrf: NeutralPlugin<CsrfOptions> = definePlugin({
  name: "csrf",
  after: ["cookies", "authentication"],
  hook: "preValidation",
  request: ["csrfToken"],
  create,
});
