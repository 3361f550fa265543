import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";

import { RemoteTokenVerifier } from "../../src/drivers/jose.js";
import { codeOf } from "../create-auth.js";

const issuer = "https://id.example";
const audience = "our-api";

/** An issuer whose keys can be fetched, or not. */
async function createIssuer() {
  const clock = new ManualClock();
  const keys: JWK[] = [];
  const seen = { fetched: 0 };
  let answer: () => Response | Promise<Response> = () => Response.json({ keys });
  const addKey = async (kid: string, alg = "ES256") => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: "sig" });
    return async (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
      await new SignJWT({ roles: ["user"], ...claims })
        .setProtectedHeader({ alg, kid, ...header })
        .setIssuer(issuer)
        .setAudience((claims["aud"] as string | undefined) ?? audience)
        .setSubject("ada")
        .setIssuedAt(clock.now() / 1000)
        .setExpirationTime(clock.now() / 1000 + 365 * 86_400)
        .sign(privateKey);
  };
  const verifier = new RemoteTokenVerifier(
    { issuer, audience },
    {
      clock,
      fetch: async () => {
        seen.fetched += 1;
        return await answer();
      },
    },
  );
  return {
    clock,
    keys,
    seen,
    addKey,
    verifier,
    answers: (next: () => Response | Promise<Response>) => (answer = next),
  };
}
const down = () => Promise.reject(new TypeError("fetch failed"));
const minute = 60_000;

/** Lets what runs in the background end. */
const settled = async (): Promise<void> => {
  for (let at = 0; at < 20; at += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe("RemoteTokenVerifier", () => {
  it("verifies a token by the issuer's keys, fetched once", async () => {
    const { addKey, verifier, seen } = await createIssuer();
    const sign = await addKey("k1");
    const tokens = await Promise.all([sign(), sign(), sign()]);
    const claims = await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect(claims[0]).toMatchObject({ sub: "ada", iss: issuer });
    expect(seen.fetched).toBe(1);
    expect(await verifier.authenticate({ scheme: "bearer", value: tokens[0] })).toMatchObject({
      id: "ada",
      roles: ["user"],
    });
    expect(await verifier.authenticate({ scheme: "session", value: tokens[0] })).toBeUndefined();
  });

  it("Trap: an outage of the issuer makes no good token bad, for as long as its keys may be used", async () => {
    const { addKey, verifier, seen, clock, answers } = await createIssuer();
    const token = await (await addKey("k1"))();
    await verifier.verify(token);
    answers(down);
    for (let at = 0; at < 23; at += 1) {
      await clock.advance(60 * minute);
      for (let again = 0; again < 10; again += 1) {
        expect((await verifier.verify(token)).sub).toBe("ada");
      }
      await settled();
    }
    // once an hour, not once a token
    expect(seen.fetched).toBe(24);
    await clock.advance(60 * minute);
    expect(await codeOf(verifier.verify(token))).toBe("ERR_AUTH_IDENTITY_PROVIDER");
    answers(() => Response.json({ keys: [] }));
  });

  it("Trap: nobody waits for an issuer that hangs while there are keys", async () => {
    const { addKey, verifier, clock, answers } = await createIssuer();
    const token = await (await addKey("k1"))();
    await verifier.verify(token);
    answers(() => new Promise<Response>(() => undefined));
    await clock.advance(11 * minute);
    expect((await verifier.verify(token)).sub).toBe("ada");
  });

  it("finds a new key at once, and drops an old one when it looks again", async () => {
    const { addKey, verifier, seen, clock, keys } = await createIssuer();
    const old = await (await addKey("k1"))();
    await verifier.verify(old);
    await clock.advance(minute);
    const fresh = await (await addKey("k2"))();
    await verifier.verify(fresh);
    expect(seen.fetched).toBe(2);
    keys.shift();
    await clock.advance(11 * minute);
    await verifier.verify(fresh);
    await settled();
    expect(await codeOf(verifier.verify(old))).toBe("ERR_AUTH_TOKEN_REFUSED");
  });

  it("Trap: keys that somebody makes up don't make it ask the issuer for each", async () => {
    const { addKey, verifier, seen, answers } = await createIssuer();
    const sign = await addKey("k1");
    await verifier.verify(await sign());
    for (const answer of [undefined, down]) {
      if (answer) answers(answer);
      for (let at = 0; at < 20; at += 1) {
        expect(await codeOf(verifier.verify(await sign({}, { kid: `made-up-${at}` })))).toBe(
          "ERR_AUTH_TOKEN_REFUSED",
        );
      }
    }
    expect(seen.fetched).toBe(1);
  });

  it("is an error, and no verdict, while there are no keys at all", async () => {
    for (const answer of [
      down,
      () => new Response("busy", { status: 429 }),
      () => new Response("not JSON"),
      () => new Response("x".repeat(2_000_000)),
    ]) {
      const { addKey, verifier, answers, clock } = await createIssuer();
      const token = await (await addKey("k1"))();
      answers(answer);
      expect(await codeOf(verifier.verify(token))).toBe("ERR_AUTH_IDENTITY_PROVIDER");
      expect(await codeOf(verifier.authenticate({ scheme: "bearer", value: token }))).toBe(
        "ERR_AUTH_IDENTITY_PROVIDER",
      );
      await clock.advance(minute);
    }
  });

  it("ends its wait when the signal is aborted, and leaves the keys to the others", async () => {
    const { addKey, verifier, keys, answers } = await createIssuer();
    const token = await (await addKey("k1"))();
    let release!: (answer: Response) => void;
    answers(() => new Promise<Response>((resolve) => (release = resolve)));
    const controller = new AbortController();
    const [one, other] = [verifier.verify(token, controller), verifier.verify(token)];
    one.catch(() => undefined);
    await settled();
    controller.abort(new Error("enough"));
    await expect(one).rejects.toThrow("enough");
    release(Response.json({ keys }));
    expect(await other).toMatchObject({ sub: "ada" });
    await expect(verifier.verify(token, controller)).rejects.toThrow("enough");
  });

  it("refuses what is not for us, not by the issuer, expired, symmetric, or none, with no fetch of its own", async () => {
    const { addKey, verifier, seen, clock } = await createIssuer();
    const sign = await addKey("k1");
    await verifier.verify(await sign());
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.`;
    const hs = await new SignJWT({ sub: "ada" })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode("x".repeat(32)));
    const other = await createIssuer();
    const foreign = await (await other.addKey("k1"))({}, { jku: "https://evil.example/jwks" });
    for (const token of [await sign({ aud: "other" }), none, hs, foreign, "", "x".repeat(20_000)]) {
      expect(await verifier.authenticate({ scheme: "bearer", value: token })).toBeUndefined();
    }
    const good = await sign();
    await clock.advance(366 * 86_400_000);
    expect(await codeOf(verifier.verify(good))).not.toBeUndefined();
    expect(seen.fetched).toBeLessThanOrEqual(2);
  });

  it("refuses options that are none", () => {
    expect(() => new RemoteTokenVerifier({ issuer, audience, algorithms: ["HS256"] })).toThrow(
      "asymmetric",
    );
    expect(() => new RemoteTokenVerifier({ issuer: "x", audience })).toThrow("jwksUrl");
    expect(() => new RemoteTokenVerifier({ issuer: "", audience })).toThrow("issuer");
  });
});
