import { randomBytes } from "node:crypto";
import { validateHeaderValue } from "node:http";

import { definePlugin, type NeutralPlugin } from "./neutral.js";

declare module "fastify" {
  interface FastifyRequest {
    /** What a script or style has to have as its `nonce`, when the policy of the plugin security-headers says `{nonce}`. */
    cspNonce: string | undefined;
  }
}

/** Options of {@link securityHeaders}: the value of each header, or `false` to leave it out. */
export interface SecurityHeadersOptions {
  /**
   * `content-security-policy`: what a page may load and who may frame it. `{nonce}` in it becomes a new nonce for every
   * request, `request.cspNonce`: `script-src 'self' {nonce}`.
   *
   * @default "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
   */
  readonly contentSecurityPolicy?: string | false;
  /** `cross-origin-opener-policy`. @default "same-origin" */
  readonly crossOriginOpenerPolicy?: string | false;
  /** `cross-origin-resource-policy`. @default "same-origin" */
  readonly crossOriginResourcePolicy?: string | false;
  /** `permissions-policy`. @default false */
  readonly permissionsPolicy?: string | false;
  /** `referrer-policy`. @default "no-referrer" */
  readonly referrerPolicy?: string | false;
  /**
   * `strict-transport-security`. Sent over plain HTTP too, where browsers ignore it: TLS mostly ends at a proxy.
   *
   * @default "max-age=31536000; includeSubDomains"
   */
  readonly strictTransportSecurity?: string | false;
  /** `x-content-type-options`. @default "nosniff" */
  readonly contentTypeOptions?: "nosniff" | false;
  /** `x-frame-options`, for browsers that don't know `frame-ancestors`. @default "DENY" */
  readonly frameOptions?: "DENY" | "SAMEORIGIN" | false;
}

const defaults: Required<SecurityHeadersOptions> = {
  contentSecurityPolicy:
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  crossOriginOpenerPolicy: "same-origin",
  crossOriginResourcePolicy: "same-origin",
  permissionsPolicy: false,
  referrerPolicy: "no-referrer",
  strictTransportSecurity: "max-age=31536000; includeSubDomains",
  contentTypeOptions: "nosniff",
  frameOptions: "DENY",
};

const names: Readonly<Record<keyof SecurityHeadersOptions, string>> = {
  contentSecurityPolicy: "content-security-policy",
  crossOriginOpenerPolicy: "cross-origin-opener-policy",
  crossOriginResourcePolicy: "cross-origin-resource-policy",
  permissionsPolicy: "permissions-policy",
  referrerPolicy: "referrer-policy",
  strictTransportSecurity: "strict-transport-security",
  contentTypeOptions: "x-content-type-options",
  frameOptions: "x-frame-options",
};

/**
 * The headers by name, for responses that no Fastify hook sees.
 *
 * @throws TypeError when an option holds what a header can't.
 */
export function securityHeadersOf(
  options: SecurityHeadersOptions = {},
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const key of Object.keys(names) as (keyof SecurityHeadersOptions)[]) {
    const value = options[key] ?? defaults[key];
    if (value === false) continue;
    validateHeaderValue(names[key], value);
    headers[names[key]] = value;
  }
  return headers;
}

const policy = "content-security-policy";

/**
 * Sets the headers that tell browsers to be careful, on every response, errors included. A handler may set one of them
 * again for its own response.
 */
export const securityHeaders: NeutralPlugin<SecurityHeadersOptions> = definePlugin({
  name: "security-headers",
  request: ["cspNonce"],
  create(options) {
    const headers = Object.entries(securityHeadersOf(options));
    const template = headers.find(([name, value]) => name === policy && value.includes("{nonce}"));
    return (request, response) => {
      for (const [name, value] of headers) response.header(name, value);
      if (!template) return;
      const nonce = randomBytes(16).toString("base64");
      (request as { cspNonce?: string }).cspNonce = nonce;
      response.header(policy, template[1].replaceAll("{nonce}", `'nonce-${nonce}'`));
    };
  },
});
