import { section, tokens, type Duration, type Inject, type Signer } from "@infra/interfaces";

import { csrfConfig } from "./config.js";
import { constantTimeEqual } from "./constant-time-equal.js";
import { CsrfError } from "./errors.js";
import { randomToken } from "./random-token.js";
import { headerOf, hostOf, type RequestHeaders } from "./request-headers.js";

/** Options of {@link CsrfGuard}. */
export interface CsrfOptions {
  /** Further origins whose pages may send requests here: `"https://admin.example.com"`. @default none but the own one */
  readonly origins?: readonly string[] | undefined;
  /** How long a token is good for. @default as long as its session */
  readonly expiresIn?: Duration | undefined;
}

/** Collaborators of {@link CsrfGuard}. */
export interface CsrfDependencies {
  /** Signs the tokens. */
  readonly signer: Signer;
}

/** What {@link CsrfGuard.check} looks at. */
export interface CsrfRequest {
  readonly method: string;
  readonly headers: RequestHeaders;
  /** The id of the session, or of the cookie that stands for a visitor before the login. */
  readonly sessionId: string;
  /** The token as the cookie has it. */
  readonly cookie: string | undefined;
  /** The token as the form or a header has it. */
  readonly token: string | undefined;
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);
const purpose = "csrf";

/**
 * Tells requests that our own pages made from those that somebody else's page made a browser send: first by what the
 * browser says of where they come from (Sec-Fetch-Site, else Origin), then by a token that only our own pages can read. The
 * token is signed for one session, so that a cookie planted from a sister domain with a token of another session is of no
 * use (OWASP: signed double submit).
 */
export class CsrfGuard {
  static readonly inject: Inject<typeof CsrfGuard> = {
    options: section(csrfConfig),
    signer: tokens.signer,
  };

  readonly #origins: ReadonlySet<string>;
  readonly #expiresIn: Duration | undefined;
  readonly #signer: Signer;

  /** @throws TypeError when an origin is not scheme and host. */
  constructor(options: CsrfOptions, deps: CsrfDependencies) {
    const { origins = [], expiresIn } = options;
    for (const origin of origins) {
      if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
        throw new TypeError(
          `CsrfGuard: origins must be like "https://example.com", got ${JSON.stringify(origin)}`,
        );
      }
    }
    this.#origins = new Set(origins);
    this.#expiresIn = expiresIn;
    this.#signer = deps.signer;
  }

  /** A token for a session, a new one each time: for a cookie (`__Host-csrf`; Secure, SameSite=Lax) and for the page. */
  create(sessionId: string): string {
    checkSession(sessionId);
    return this.#signer.sign(randomToken({ bytes: 16 }), {
      purpose,
      context: sessionId,
      ...(this.#expiresIn !== undefined && { expiresIn: this.#expiresIn }),
    });
  }

  /** Whether a token was made for this session, and has not expired. Never throws for what was sent. */
  verify(token: string, sessionId: string): boolean {
    checkSession(sessionId);
    return this.#signer.verify(token, { purpose, context: sessionId }) !== undefined;
  }

  /**
   * Lets a request pass, or not. GET, HEAD, OPTIONS and TRACE always pass: they must not change anything.
   *
   * @throws CsrfError `ERR_SECURITY_CSRF`.
   */
  check(request: CsrfRequest): void {
    if (safeMethods.has(request.method.toUpperCase())) return;
    if (!this.#isOurs(request.headers)) throw refused("origin");
    const { cookie, token, sessionId } = request;
    const isToken =
      !!cookie && !!token && constantTimeEqual(cookie, token) && this.verify(token, sessionId);
    if (!isToken) throw refused("token");
  }

  /** Where nothing is said of the origin, as by programs that are no browsers, the token decides alone. */
  #isOurs(headers: RequestHeaders): boolean {
    const origin = headerOf(headers, "origin");
    if (origin !== undefined && this.#origins.has(origin)) return true;
    const site = headerOf(headers, "sec-fetch-site");
    if (site !== undefined) return site === "same-origin" || site === "none";
    if (origin === undefined) return true;
    return URL.canParse(origin) && new URL(origin).host === hostOf(headers);
  }
}

function checkSession(sessionId: string): void {
  if (typeof sessionId === "string" && sessionId !== "") return;
  throw new TypeError("CsrfGuard: sessionId must be a non-empty string");
}

function refused(reason: "origin" | "token"): Error {
  return new CsrfError("the request did not come from one of our own pages", {
    details: { reason },
  });
}
