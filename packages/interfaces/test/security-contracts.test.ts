import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import type {
  Authenticator,
  Authorizer,
  Credential,
  Decision,
  Encrypter,
  PasswordHasher,
  Principal,
  RateLimitResult,
  RateLimitStore,
  SessionStore,
  Signer,
  StoredSession,
  TokenClaims,
  TokenSigner,
} from "../src/index.js";

/** Stands for a value where only types are asked. */
const some = <T>(): T => undefined as T;

describe("Authenticator and Authorizer", () => {
  it("give nobody as undefined, and a decision with its reason", () => {
    expectTypeOf<Authenticator["authenticate"]>().returns.resolves.toEqualTypeOf<
      Principal | undefined
    >();
    expectTypeOf<Authenticator["authenticate"]>().parameter(0).toEqualTypeOf<Credential>();
    expectTypeOf<Credential["scheme"]>().toEqualTypeOf<"bearer" | "session" | "api-key">();
    expectTypeOf<Authorizer["decide"]>().parameter(0).toEqualTypeOf<Principal | undefined>();
    expectTypeOf<Authorizer["decide"]>().returns.resolves.toEqualTypeOf<Decision>();
    expectTypeOf<{
      readonly id: string;
      readonly roles: readonly string[];
    }>().toExtend<Principal>();
    expect(some<Principal>()).toBeUndefined();
  });
});

describe("PasswordHasher", () => {
  it("verifies against a hash that may be missing", () => {
    expectTypeOf<PasswordHasher["hash"]>().returns.resolves.toEqualTypeOf<string>();
    expectTypeOf<PasswordHasher["verify"]>().parameter(1).toEqualTypeOf<string | undefined>();
    expectTypeOf<PasswordHasher["verify"]>().returns.resolves.toEqualTypeOf<boolean>();
    expectTypeOf<PasswordHasher["needsRehash"]>().toEqualTypeOf<(hash: string) => boolean>();
    expect(some<PasswordHasher>()).toBeUndefined();
  });
});

describe("Signer and Encrypter", () => {
  it("ask what it is for", () => {
    const signer = some<Signer>();
    const encrypter = some<Encrypter>();
    const check = (): unknown => [
      expectTypeOf(signer.sign("a", { purpose: "link", expiresIn: "1h" })).toEqualTypeOf<string>(),
      expectTypeOf(signer.verify("a", { purpose: "link" })).toEqualTypeOf<string | undefined>(),
      expectTypeOf(encrypter.encrypt("a", { purpose: "totp" })).toEqualTypeOf<string>(),
      encrypter.encrypt(new Uint8Array(2), { purpose: "totp", context: undefined }),
      expectTypeOf(encrypter.decrypt("a", { purpose: "totp" })).toEqualTypeOf<Uint8Array>(),
      // @ts-expect-error without a purpose one signature would do for anything
      signer.sign("a", {}),
      // @ts-expect-error the same
      encrypter.decrypt("a", {}),
    ];
    expect(check).toThrow(TypeError);
  });
});

describe("TokenSigner", () => {
  it("knows the registered claims, and takes any other", () => {
    expectTypeOf<TokenClaims["sub"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<TokenClaims["exp"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<TokenClaims["tenant"]>().toBeUnknown();
    // @ts-expect-error times are numbers
    const wrong: TokenClaims = { exp: "tomorrow" };
    expectTypeOf<TokenSigner["verify"]>().returns.resolves.toEqualTypeOf<TokenClaims>();
    expect(wrong).toBeDefined();
  });

  it("never gives a token that lives for ever by accident", () => {
    const signer = some<TokenSigner>();
    const check = (): unknown => [
      signer.sign({ sub: "7" }, { expiresIn: "15m" }),
      // @ts-expect-error a token has an end
      signer.sign({ sub: "7" }, {}),
    ];
    expect(check).toThrow(TypeError);
  });
});

describe("SessionStore", () => {
  it("keeps sessions whole, and gives undefined for what is missing", () => {
    expectTypeOf<SessionStore["get"]>().returns.resolves.toEqualTypeOf<StoredSession | undefined>();
    expectTypeOf<SessionStore["deleteByUser"]>().returns.resolves.toEqualTypeOf<number>();
    expectTypeOf<StoredSession["data"]>().toEqualTypeOf<Readonly<Record<string, unknown>>>();
    expectTypeOf<StoredSession["createdAt" | "lastSeenAt" | "expiresAt"]>().toEqualTypeOf<number>();
    expect(some<SessionStore>()).toBeUndefined();
  });
});

describe("RateLimitStore", () => {
  it("says when to come back, in milliseconds", () => {
    const store = some<RateLimitStore>();
    const check = (): unknown =>
      expectTypeOf(
        store.consume("ip", { limit: 10, windowMs: 1000, burst: 5 }, { cost: 2 }),
      ).resolves.toExtend<RateLimitResult>();
    expect(check).toThrow(TypeError);
    expectTypeOf<
      Pick<RateLimitResult, "allowed" | "remaining" | "resetMs" | "retryAfterMs">
    >().toEqualTypeOf<{
      readonly allowed: boolean;
      readonly remaining: number;
      readonly resetMs: number;
      readonly retryAfterMs: number;
    }>();
  });
});
