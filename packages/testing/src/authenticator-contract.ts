import { equal, rejects } from "node:assert/strict";

import type { Authenticator, Credential, Principal } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";

/** An authenticator, and somebody whom it knows. */
export interface AuthenticatorUnderTest {
  readonly authenticator: Authenticator;
  readonly credential: Credential;
  /** Whose the credential is. */
  readonly principal: Pick<Principal, "id" | "roles">;
  /** Makes the credential worth nothing. */
  readonly revoke?: () => void | Promise<void>;
  /** Ends what the test needed beside the authenticator. */
  readonly close?: () => void | Promise<void>;
}

/**
 * What every `Authenticator` has to do. `irrevocable` says why a credential can't be taken back: then `revoke` is not
 * needed, and the test of it is skipped.
 */
export function describeAuthenticatorContract(
  name: string,
  create: () => AuthenticatorUnderTest | Promise<AuthenticatorUnderTest>,
  { irrevocable }: { readonly irrevocable?: string } = {},
): void {
  describe(`Authenticator contract: ${name}`, () => {
    const opened: AuthenticatorUnderTest[] = [];
    const open = async (): Promise<AuthenticatorUnderTest> => {
      const made = await create();
      opened.push(made);
      return made;
    };
    afterEach(async () => {
      for (const { close } of opened.splice(0)) await close?.();
    });

    it("authenticate() tells whose a credential is", async () => {
      const { authenticator, credential, principal } = await open();
      const found = await authenticator.authenticate(credential);
      equal(found?.id, principal.id);
      equal(JSON.stringify(found?.roles), JSON.stringify(principal.roles));
    });

    it("authenticate() knows nobody by one that is unknown, changed, of no form, or empty", async () => {
      const { authenticator, credential } = await open();
      const { scheme, value } = credential;
      for (const other of [
        `${value}x`,
        value.slice(0, -1),
        "unknown",
        "",
        "é☃",
        "a b",
        "x".repeat(5_000),
      ]) {
        equal(await authenticator.authenticate({ scheme, value: other }), undefined, other);
      }
    });

    const skipped = irrevocable === undefined ? "" : ` (skipped: ${irrevocable})`;
    (irrevocable === undefined ? it : it.skip)(
      `authenticate() knows nobody by one that was revoked${skipped}`,
      async () => {
        const { authenticator, credential, revoke } = await open();
        await authenticator.authenticate(credential);
        await revoke!();
        equal(await authenticator.authenticate(credential), undefined);
      },
    );

    it("authenticate() rejects when its signal is aborted", async () => {
      const { authenticator, credential } = await open();
      const signal = AbortSignal.abort(new Error("enough"));
      await rejects(authenticator.authenticate(credential, { signal }));
    });
  });
}
