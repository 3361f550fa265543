import type { Revocation } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { createAuth, email, password } from "./create-auth.js";

async function listening() {
  const made = createAuth();
  const { id } = await made.createAda();
  const heard: Revocation[] = [];
  const end = made.auth.onRevoked((revocation) => void heard.push(revocation));
  return { ...made, id, heard, end };
}

describe("AuthService.onRevoked()", () => {
  it("tells of one session, one login by tokens and one API key, when it has ended", async () => {
    const { auth, id, heard, end, login } = await listening();
    const { token, session } = await auth.sessions.start(await login());
    const other = await auth.sessions.start(await login());
    const pair = await auth.tokens.start(await login());
    const [family] = await auth.tokens.list(id);
    const { apiKey, key } = await auth.apiKeys.create(id, { name: "robot" });
    expect(heard).toEqual([]);
    await auth.sessions.end(token);
    await auth.sessions.revoke(id, other.session.id);
    await auth.tokens.revoke(id, family!.id);
    await auth.apiKeys.revoke(id, apiKey.id);
    expect(heard).toEqual(
      [session.id, other.session.id, family!.id, apiKey.id].map((credentialId) => ({
        credentialId,
      })),
    );
    for (const [scheme, value] of [
      ["session", token],
      ["bearer", pair.accessToken],
      ["api-key", key],
    ] as const) {
      expect(await auth.authenticate({ scheme, value })).toBeUndefined();
    }
    end();
    await auth.accounts.disable(id);
    expect(heard).toHaveLength(4);
  });

  it.each([
    ["setRoles()", ({ auth, id }) => auth.accounts.setRoles(id, ["admin"])],
    ["disable()", ({ auth, id }) => auth.accounts.disable(id)],
    ["delete()", ({ auth, id }) => auth.accounts.delete(id)],
    ["endLogins()", ({ auth, id }) => auth.endLogins(id)],
    [
      "changePassword()",
      ({ auth, id }) =>
        auth.changePassword({
          accountId: id,
          currentPassword: password,
          newPassword: "another long passphrase",
        }),
    ],
    [
      "resetPassword()",
      async ({ auth, mailed }) => {
        await auth.requestPasswordReset(email);
        await auth.stop();
        await auth.resetPassword(await mailed(), "another long passphrase");
      },
    ],
  ] as [string, (made: Awaited<ReturnType<typeof listening>>) => Promise<unknown>][])(
    "%s: tells of the account, also where it has nothing but a login by tokens",
    async (_title, change) => {
      const made = await listening();
      await made.auth.tokens.start(await made.login());
      await change(made);
      expect(made.heard).toContainEqual({ accountId: made.id });
    },
  );

  it("tells of an account that is deleted, also of one that nobody is logged in to, and in the audit trail of one that is enabled again", async () => {
    const { auth, id, heard } = await listening();
    const events: string[] = [];
    auth.on(({ type, accountId }) => void events.push(`${type} ${accountId}`));
    await auth.accounts.disable(id);
    await auth.accounts.enable(id);
    await auth.accounts.enable("nobody");
    expect(heard).toEqual([{ accountId: id }]);
    await auth.accounts.delete(id);
    expect(heard).toEqual([{ accountId: id }, { accountId: id }]);
    expect(events).toEqual([
      `account-disabled ${id}`,
      `account-enabled ${id}`,
      `account-deleted ${id}`,
    ]);
  });
});
