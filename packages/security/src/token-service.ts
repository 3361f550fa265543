import { randomUUID, type KeyObject } from "node:crypto";

import {
  optional,
  section,
  systemClock,
  toMilliseconds,
  tokens,
  type Clock,
  type IdGenerator,
  type Inject,
  type Token,
  type TokenClaims,
  type TokenSigner,
  type TokenSignOptions,
  type TokenVerifyOptions,
} from "@infra/interfaces";
import {
  decodeProtectedHeader,
  EncryptJWT,
  jwtDecrypt,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type ProtectedHeaderParameters,
} from "jose";

import { decodeBase64url } from "./base64url.js";
import { tokensConfig } from "./config.js";
import { ringOf } from "./key-options.js";
import type { KeyRing } from "./key-ring.js";
import type { HmacHash } from "./mac.js";
import type { RingKey } from "./ring-key.js";
import { algorithmOf, signingKey, type TokenAlgorithms } from "./token-algorithms.js";
import { TokenCache } from "./token-cache.js";
import { areGood } from "./token-claims.js";
import { refuseToken, toTokenError } from "./token-failure.js";
import { payloadOf, type HmacKey } from "./token-hmac.js";
import type { TokenOptions } from "./token-options.js";

/** Collaborators of {@link TokenService}. */
export interface TokenDependencies {
  readonly clock?: Clock | undefined;
  /** Makes `jti`. @default random UUIDs */
  readonly ids?: IdGenerator | undefined;
}

/** A key, as it is and as jose takes it. */
interface TokenKey {
  readonly key: RingKey;
  readonly joseKey: CryptoKey | KeyObject;
  /** Where it is a secret. */
  readonly hmac: HmacKey | undefined;
}

const purpose = "token";
/** There are as many as keys, unless somebody who has a key writes headers of all kinds. */
const mostSigners = 100;
/** Where a token would say for itself what to check it with. */
const strayHeaders = ["jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "zip"];

/**
 * Signs and verifies JSON Web Tokens (RFC 7519), through jose, as the best current practice has it (RFC 8725): a token
 * names a key of the ring and nothing else; the key says the algorithm; `typ`, `iss`, `aud`, `exp` and `iat` have to be
 * there and right. Nothing is ever fetched. The ring's keys are used for the purpose `token`.
 *
 * A token whose header jose has passed before, made with a secret, is checked here, for Web Crypto hands each to another
 * thread; what does not pass goes to jose, which says why.
 */
export class TokenService implements TokenSigner {
  static readonly provides: Token<TokenSigner> = tokens.tokenSigner;
  static readonly inject: Inject<typeof TokenService> = {
    options: section(tokensConfig),
    clock: optional(tokens.clock),
    ids: optional(tokens.idGenerator),
  };

  readonly #keys: KeyRing;
  readonly #clock: Clock;
  readonly #ids: IdGenerator;
  readonly #issuer: string;
  readonly #audience: string;
  readonly #type: string;
  readonly #toleranceS: number;
  readonly #maxLength: number;
  readonly #algorithms: TokenAlgorithms;
  readonly #isRevoked: TokenOptions["isRevoked"];
  readonly #cache: TokenCache | undefined;
  readonly #signers = new Map<string, TokenKey>();
  readonly #joseKeys = new WeakMap<RingKey, Promise<CryptoKey>>();

  /** @throws TypeError without keys; RangeError for a number out of range. */
  constructor(options: TokenOptions, deps: TokenDependencies = {}) {
    this.#clock = deps.clock ?? systemClock;
    this.#ids = deps.ids ?? { next: randomUUID };
    this.#keys = ringOf("TokenService", "JWT_SECRET", options, this.#clock);
    this.#issuer = options.issuer ?? "infra";
    this.#audience = options.audience ?? this.#issuer;
    this.#type = options.type ?? "JWT";
    this.#algorithms = options.algorithms ?? {};
    this.#toleranceS = toMilliseconds(options.clockTolerance ?? "5s", "clockTolerance") / 1000;
    this.#maxLength = wholeNumber("maxLength", options.maxLength ?? 8192);
    const cacheSize = wholeNumber("cacheSize", options.cacheSize ?? 0);
    this.#cache = cacheSize > 0 ? new TokenCache(cacheSize) : undefined;
    this.#isRevoked = options.isRevoked;
  }

  async sign(claims: TokenClaims, options: TokenSignOptions): Promise<string> {
    options.signal?.throwIfAborted();
    const key = this.#keys.current(purpose);
    const jwt = new SignJWT(this.#claims(claims, options));
    const algorithm = algorithmOf(key, this.#algorithms);
    return await jwt
      .setProtectedHeader({ alg: algorithm, kid: key.id, typ: this.#type })
      .sign(key.privateKey ?? (await this.#secret(key, algorithm)));
  }

  async verify(token: string, options: TokenVerifyOptions = {}): Promise<TokenClaims> {
    options.signal?.throwIfAborted();
    this.#checkText(token);
    const audience = options.audience ?? this.#audience;
    const claims =
      this.#remembered(token, audience) ??
      this.#computed(token, audience) ??
      (await this.#verify(token, audience));
    return this.#isRevoked ? await this.#notRevoked(claims, options.signal) : claims;
  }

  /**
   * A token that only who has the key can read (JWE, `dir` with `A256GCM`), with the same claims as a signed one. Its key
   * is derived from the newest secret of the ring.
   */
  async encrypt(claims: TokenClaims, options: TokenSignOptions): Promise<string> {
    const key = this.#keys.current(purpose, ["secret"]);
    return await new EncryptJWT(this.#claims(claims, options))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: key.id, typ: this.#type })
      .encrypt(key.derive("A256GCM", purpose));
  }

  /**
   * The claims of a token that {@link TokenService.encrypt} made.
   *
   * @throws TokenError `ERR_SECURITY_TOKEN`.
   */
  async decrypt(token: string, options: TokenVerifyOptions = {}): Promise<TokenClaims> {
    this.#checkText(token);
    try {
      const { payload } = await jwtDecrypt(
        token,
        (header) => {
          const key = this.#keyOf(header);
          if (key.type !== "secret") throw refuseToken("key");
          return key.derive("A256GCM", purpose);
        },
        {
          ...this.#expected(options.audience ?? this.#audience),
          keyManagementAlgorithms: ["dir"],
          contentEncryptionAlgorithms: ["A256GCM"],
        },
      );
      return await this.#notRevoked(payload, options.signal);
    } catch (error) {
      throw toTokenError(error);
    }
  }

  jwks(): { readonly keys: readonly Readonly<Record<string, unknown>>[] } {
    const keys = this.#keys.accepted(purpose).filter((key) => key.publicKey);
    return {
      keys: keys.map((key) =>
        Object.assign(key.publicKey!.export({ format: "jwk" }), {
          kid: key.id,
          alg: algorithmOf(key, this.#algorithms),
          use: "sig",
        }),
      ),
    };
  }

  /** How many tokens are remembered. */
  stats(): { readonly cached: number } {
    return { cached: this.#cache?.size ?? 0 };
  }

  /** The claims of a token that was verified before, if nothing has changed since. */
  #remembered(token: string, audience: string): TokenClaims | undefined {
    const found = this.#cache?.get(token);
    if (!found) return undefined;
    const { claims, key } = found;
    if (this.#keys.find(key.id, purpose) === key && areGood(claims, this.#wanted(audience))) {
      return claims;
    }
    this.#cache!.delete(token);
    return undefined;
  }

  /** The claims of a good token of a secret whose header is known. */
  #computed(token: string, audience: string): TokenClaims | undefined {
    const signer = this.#knownSigner(token.slice(0, token.indexOf(".")));
    const claims = signer?.hmac && payloadOf(token, signer.hmac);
    if (!areGood(claims, this.#wanted(audience))) return undefined;
    this.#cache?.set(token, { claims, key: signer!.key });
    return claims;
  }

  async #verify(token: string, audience: string): Promise<TokenClaims> {
    if (!decodeBase64url(token.slice(token.lastIndexOf(".") + 1))) throw refuseToken("malformed");
    const head = token.slice(0, token.indexOf("."));
    const signer = this.#knownSigner(head) ?? (await this.#signerOf(token));
    try {
      const { payload } = await jwtVerify(token, signer.joseKey, this.#expected(audience));
      this.#remember(head, signer);
      this.#cache?.set(token, { claims: payload, key: signer.key });
      return payload;
    } catch (error) {
      throw toTokenError(error);
    }
  }

  /** Tokens of one key begin with the same characters: what they say has been looked at before. */
  #knownSigner(head: string): TokenKey | undefined {
    const known = this.#signers.get(head);
    return known && this.#keys.find(known.key.id, purpose) === known.key ? known : undefined;
  }

  async #signerOf(token: string): Promise<TokenKey> {
    let header: ProtectedHeaderParameters;
    try {
      header = decodeProtectedHeader(token);
    } catch {
      throw refuseToken("malformed");
    }
    const key = this.#keyOf(header);
    const algorithm = algorithmOf(key, this.#algorithms);
    if (header.alg !== algorithm) throw refuseToken("header");
    const secret = key.secretKey;
    return {
      key,
      joseKey: key.publicKey ?? (await this.#secret(key, algorithm)),
      hmac: secret && { secret, hash: `sha${algorithm.slice(2)}` as HmacHash },
    };
  }

  #remember(head: string, signer: TokenKey): void {
    if (this.#signers.get(head) === signer) return;
    if (this.#signers.size >= mostSigners) this.#signers.clear();
    this.#signers.set(head, signer);
  }

  async #notRevoked(claims: TokenClaims, signal: AbortSignal | undefined): Promise<TokenClaims> {
    if (await this.#isRevoked?.(claims, { signal })) throw refuseToken("revoked");
    return claims;
  }

  #keyOf(header: ProtectedHeaderParameters): RingKey {
    if (strayHeaders.some((name) => name in header)) throw refuseToken("header");
    const key = typeof header.kid === "string" && this.#keys.find(header.kid, purpose);
    if (!key) throw refuseToken("key");
    return key;
  }

  #checkText(token: string): void {
    if (typeof token !== "string" || token.length > this.#maxLength) throw refuseToken("malformed");
  }

  #claims(claims: TokenClaims, options: TokenSignOptions): Record<string, unknown> {
    const nowMs = this.#clock.now();
    const lifeMs = toMilliseconds(options.expiresIn, "expiresIn");
    if (!(lifeMs > 0 && lifeMs < Infinity)) {
      throw new RangeError(`expiresIn must be longer than 0 and end, got ${options.expiresIn}`);
    }
    return {
      iss: this.#issuer,
      aud: options.audience ?? this.#audience,
      iat: Math.floor(nowMs / 1000),
      exp: Math.floor((nowMs + lifeMs) / 1000),
      jti: this.#ids.next(),
      ...claims,
    };
  }

  #wanted(audience: string) {
    const nowS = Math.floor(this.#clock.now() / 1000);
    return { issuer: this.#issuer, audience, nowS, toleranceS: this.#toleranceS };
  }

  /** The same for jose. */
  #expected(audience: string) {
    return {
      issuer: this.#issuer,
      audience,
      typ: this.#type,
      requiredClaims: ["exp", "iat"],
      clockTolerance: this.#toleranceS,
      currentDate: new Date(this.#clock.now()),
    };
  }

  #secret(key: RingKey, algorithm: string): Promise<CryptoKey> {
    let made = this.#joseKeys.get(key);
    if (!made) {
      made = signingKey(key, algorithm);
      this.#joseKeys.set(key, made);
    }
    return made;
  }
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`TokenService: ${name} must be a whole number from 0, got ${String(value)}`);
}
