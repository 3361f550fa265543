import { UnauthenticatedError, UnavailableError, InfraError } from "@infra/errors";
import type { Authenticator, Credential, Principal } from "@infra/interfaces";

import {
  appendHeader,
  cookieOf,
  definePlugin,
  type Check,
  type NeutralPlugin,
  type WebRequest,
} from "./neutral.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is asking, set by the plugin authentication; `undefined`: nobody. */
    principal: Principal | undefined;
    /** What it was recognised by. */
    credentialScheme: Credential["scheme"] | undefined;
  }
  interface FastifyContextConfig {
    /** Whether somebody has to be logged in for this route: `none` does not even look. */
    authentication?: "required" | "optional" | "none";
  }
}

/** Options of {@link authentication}. */
export interface AuthenticationOptions {
  /** Tells who a credential belongs to. */
  readonly authenticator: Authenticator;
  /**
   * For routes that don't say it themselves. `required`: what is not declared open is closed.
   *
   * @default "required"
   */
  readonly mode?: "required" | "optional";
  /** What is looked at, in this order; the first that is there counts. @default bearer, api-key, session */
  readonly schemes?: readonly Credential["scheme"][];
  /** The header with an API key. @default "x-api-key" */
  readonly apiKeyHeader?: string;
  /** The cookie with a session, or who reads it: `(request) => request.signedCookie("session")`. @default "session" */
  readonly sessionCookie?: string | ((request: WebRequest) => string | undefined);
}

interface Recognised {
  principal?: Principal;
  credentialScheme?: Credential["scheme"];
}

const known: readonly Credential["scheme"][] = ["bearer", "api-key", "session"];

function create(options: AuthenticationOptions): Check {
  const { authenticator, mode = "required", schemes = known, sessionCookie = "session" } = options;
  const apiKeyHeader = (options.apiKeyHeader ?? "x-api-key").toLowerCase();
  if (typeof authenticator?.authenticate !== "function") {
    throw new TypeError(
      `authentication: authenticator must be an Authenticator, got ${typeof authenticator}`,
    );
  }
  if (mode !== "required" && mode !== "optional") {
    throw new TypeError(
      `authentication: mode must be "required" or "optional", got ${String(mode)}`,
    );
  }
  const unknown = schemes.find((scheme) => !known.includes(scheme));
  if (unknown !== undefined || schemes.length === 0) {
    throw new TypeError(`authentication: schemes must be of ${known.join(", ")}, got ${unknown}`);
  }

  const read: Readonly<Record<Credential["scheme"], (request: WebRequest) => string | undefined>> =
    {
      bearer: ({ headers }) => /^bearer +([\w.~+/-]+=*)$/i.exec(headers.authorization ?? "")?.[1],
      "api-key": ({ headers }) => oneOf(headers[apiKeyHeader]),
      session: (request) =>
        typeof sessionCookie === "function"
          ? sessionCookie(request)
          : cookieOf(request, sessionCookie),
    };
  const shown = (request: WebRequest): Credential | undefined => {
    for (const scheme of schemes) {
      const value = read[scheme](request);
      if (value !== undefined && value !== "") return { scheme, value };
    }
    return undefined;
  };

  return async (request, response, config) => {
    const wanted = config.authentication ?? mode;
    // a path that no route has is answered with 404 to anybody
    if (wanted === "none" || (request as { is404?: boolean }).is404) return;
    const credential = shown(request);
    const principal = credential && (await ask(authenticator, credential, request));
    if (principal) {
      const recognised = request as Recognised;
      recognised.principal = principal;
      recognised.credentialScheme = credential.scheme;
      // whatever is shown to one is not for the next, wherever it is kept on the way
      appendHeader(response, "vary", credential.scheme === "session" ? "cookie" : "authorization");
      return;
    }
    // browsers send a cookie long after its session is over; whoever shows a token or a key means it
    if (wanted === "optional" && (!credential || credential.scheme === "session")) return;
    if (schemes.includes("bearer")) {
      const error = credential?.scheme === "bearer" ? ' error="invalid_token"' : "";
      response.header("www-authenticate", `Bearer${error}`);
    }
    throw new UnauthenticatedError(
      credential ? "the credential is not valid" : "a credential is required",
    );
  };
}

async function ask(
  authenticator: Authenticator,
  credential: Credential,
  request: WebRequest,
): Promise<Principal | undefined> {
  try {
    return await authenticator.authenticate(credential, callOf(request));
  } catch (error) {
    if (InfraError.is(error)) throw error;
    throw new UnavailableError("who is asking can't be found out", { cause: error });
  }
}

/** The signal of the request, where there is one; made when it is asked for, which most authenticators never do. */
function callOf(request: WebRequest): { readonly signal: AbortSignal | undefined } {
  return {
    get signal() {
      return (request as { context?: { signal?: AbortSignal } }).context?.signal;
    },
  };
}

function oneOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/**
 * Finds out who is asking, by a bearer token, an API key or a session cookie: `request.principal`. What is shown and not
 * valid is answered with 401; so is nothing, on every route that does not declare itself open with
 * `config: { authentication: "none" }` or `"optional"`. An authenticator that fails is a 503, never a 401.
 */
export const authentication: NeutralPlugin<AuthenticationOptions> = definePlugin({
  name: "authentication",
  after: ["request-id", "access-log", "security-headers", "cors", "cookies"],
  request: ["principal", "credentialScheme"],
  create,
});
