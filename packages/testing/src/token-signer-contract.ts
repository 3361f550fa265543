import { equal, notEqual, ok, rejects } from "node:assert/strict";

import type { Clock, TokenSigner } from "@infra/interfaces";

import { ManualClock } from "./manual-clock.js";
import { beforeEach, describe, it } from "./runner.js";

/** As whoever answers a request recognises it. */
const unauthenticated = { status: 401 };

/**
 * What every `TokenSigner` has to do.
 *
 * @param create a new one, by this clock, with an audience of its own; all that it issues is told apart from that of another.
 */
export function describeTokenSignerContract(
  name: string,
  create: (options: { readonly clock: Clock }) => TokenSigner,
): void {
  describe(`TokenSigner contract: ${name}`, () => {
    let clock: ManualClock;
    beforeEach(() => {
      clock = new ManualClock();
    });
    const open = (): TokenSigner => create({ clock });
    const expiresIn = "1m";

    it("gives back the claims, with those that it sets", async () => {
      const signer = open();
      const claims = await signer.verify(
        await signer.sign({ sub: "ada", roles: ["admin"] }, { expiresIn }),
      );
      equal(claims.sub, "ada");
      equal(JSON.stringify(claims["roles"]), '["admin"]');
      equal(claims.iat, clock.now() / 1000);
      equal(claims.exp, clock.now() / 1000 + 60);
      ok(claims.jti);
    });

    it("gives each token an id of its own, unless it has one", async () => {
      const signer = open();
      const idOf = async (token: string): Promise<string | undefined> =>
        (await signer.verify(token)).jti;
      const [one, other] = [1, 2].map(() => signer.sign({}, { expiresIn }));
      notEqual(await idOf(await one!), await idOf(await other!));
      equal(await idOf(await signer.sign({ jti: "7" }, { expiresIn })), "7");
    });

    it("verifies until the token expires, and not a good minute later", async () => {
      const signer = open();
      const token = await signer.sign({}, { expiresIn });
      await clock.advance(59_000);
      await signer.verify(token);
      // a tolerance of a minute is usual
      await clock.advance(62_000);
      await rejects(signer.verify(token), unauthenticated);
    });

    it("refuses a token for somebody else, of another one, changed, cut off, or none", async () => {
      const signer = open();
      const token = await signer.sign({ sub: "ada" }, { expiresIn, audience: "web" });
      await signer.verify(token, { audience: "web" });
      await rejects(signer.verify(token, { audience: "mobile" }), unauthenticated);
      await rejects(signer.verify(token), unauthenticated);
      await rejects(open().verify(token, { audience: "web" }), unauthenticated);
      const middle = Math.floor(token.length / 2);
      const other = token[middle] === "A" ? "B" : "A";
      for (const forged of [
        token.slice(0, middle) + other + token.slice(middle + 1),
        token.slice(0, -5),
        `${token}x`,
        "",
        "..",
        "hello",
      ]) {
        await rejects(signer.verify(forged, { audience: "web" }), unauthenticated, forged);
      }
    });

    it("gives up when its signal is aborted", async () => {
      const signer = open();
      const signal = AbortSignal.abort(new Error("enough"));
      await rejects(signer.sign({}, { expiresIn, signal }), /enough/);
      const token = await signer.sign({}, { expiresIn });
      await rejects(signer.verify(token, { signal }), /enough/);
    });

    it("jwks() has no key that signs", () => {
      for (const key of open().jwks().keys) {
        equal(key["d"], undefined);
        equal(key["k"], undefined);
      }
    });
  });
}
