import { importPeer } from "@infra/errors";
import type { Duration, Encrypter, Signer } from "@infra/interfaces";
import { toMilliseconds } from "@infra/interfaces";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import { place } from "./order.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The value of a signed cookie; `undefined` when it is missing, tampered with, expired, or another cookie's. */
    signedCookie: (name: string) => string | undefined;
    /** The value of an encrypted cookie; `undefined` as for a signed one. */
    encryptedCookie: (name: string) => string | undefined;
  }
  interface FastifyReply {
    /** Sets a cookie that the client can read and not change. */
    setSignedCookie: (name: string, value: string, options?: SealedCookieOptions) => FastifyReply;
    /** Sets a cookie that the client can neither read nor change. */
    setEncryptedCookie: (
      name: string,
      value: string,
      options?: SealedCookieOptions,
    ) => FastifyReply;
  }
}

/** The attributes of a cookie (RFC 6265). */
export interface CookieAttributes {
  readonly domain?: string;
  readonly path?: string;
  /** Seconds. @default until the browser is closed */
  readonly maxAge?: number;
  readonly expires?: Date;
  readonly httpOnly?: boolean;
  readonly secure?: boolean | "auto";
  readonly sameSite?: boolean | "lax" | "strict" | "none";
  readonly priority?: "low" | "medium" | "high";
  readonly partitioned?: boolean;
}

/** Options of a signed or encrypted cookie. */
export interface SealedCookieOptions extends CookieAttributes {
  /** How long its value holds, whatever the client does with the cookie; also its `maxAge`. @default for ever */
  readonly expiresIn?: Duration;
}

/** Options of {@link cookies}. */
export interface CookiesOptions {
  /** Signs; needed for signed cookies. */
  readonly signer?: Signer;
  /** Encrypts; needed for encrypted cookies. */
  readonly encrypter?: Encrypter;
  /** How cookies are set where it is not said. @default `{ httpOnly: true, secure: true, sameSite: "lax", path: "/" }` */
  readonly defaults?: CookieAttributes;
}

const plugin: FastifyPluginAsync<CookiesOptions> = async (fastify, options) => {
  place(fastify, "cookies", ["request-id", "access-log", "security-headers"]);
  const { default: fastifyCookie } = await importPeer(
    "@fastify/cookie",
    () => import("@fastify/cookie"),
    { for: "the plugin cookies" },
  );
  const defaults: CookieAttributes = {
    httpOnly: true,
    secure: true,
    sameSite: "lax",
    path: "/",
    ...options.defaults,
  };
  await fastify.register(fastifyCookie, { parseOptions: defaults });

  const signer = (): Signer => needed(options.signer, "signer");
  const encrypter = (): Encrypter => needed(options.encrypter, "encrypter");

  fastify.decorateRequest("signedCookie", function (this: FastifyRequest, name: string) {
    const value = this.cookies[name];
    return value === undefined ? undefined : signer().verify(value, { purpose: purposeOf(name) });
  });
  fastify.decorateRequest("encryptedCookie", function (this: FastifyRequest, name: string) {
    const value = this.cookies[name];
    if (value === undefined) return undefined;
    try {
      const bytes = encrypter().decrypt(value, { purpose: purposeOf(name) });
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (error) {
      if (error instanceof TypeError && options.encrypter === undefined) throw error;
      return undefined;
    }
  });
  fastify.decorateReply(
    "setSignedCookie",
    function (this: FastifyReply, name: string, value: string, more: SealedCookieOptions = {}) {
      const { expiresIn } = more;
      return set(this, name, signer().sign(value, { purpose: purposeOf(name), expiresIn }), more);
    },
  );
  fastify.decorateReply(
    "setEncryptedCookie",
    function (this: FastifyReply, name: string, value: string, more: SealedCookieOptions = {}) {
      const { expiresIn } = more;
      const sealed = encrypter().encrypt(value, { purpose: purposeOf(name), expiresIn });
      return set(this, name, sealed, more);
    },
  );
};

/** The name is part of the purpose: one cookie's value is never another's. */
function purposeOf(name: string): string {
  return `cookie:${name}`;
}

function set(
  reply: FastifyReply,
  name: string,
  value: string,
  { expiresIn, ...rest }: SealedCookieOptions,
): FastifyReply {
  return reply.setCookie(name, value, {
    ...(expiresIn !== undefined && { maxAge: Math.ceil(toMilliseconds(expiresIn) / 1000) }),
    ...rest,
  });
}

function needed<T>(value: T | undefined, option: string): T {
  if (value !== undefined) return value;
  throw new TypeError(`cookies: the option ${option} is needed for this cookie, and was not given`);
}

/**
 * Reads and sets cookies with `@fastify/cookie`: `HttpOnly`, `Secure`, `SameSite=Lax` where nothing else is said. Signed and
 * encrypted ones are bound to their names, through the contracts `Signer` and `Encrypter`.
 */
export const cookies: FastifyPluginAsync<CookiesOptions> = fp(plugin, {
  name: "@infra/middleware/cookies",
  fastify: "5.x",
});
