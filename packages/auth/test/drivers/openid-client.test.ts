import { systemClock } from "@infra/interfaces";
import { FakeEncrypter } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

import { OpenIdLogin } from "../../src/drivers/openid-client.js";
import { codeOf } from "../create-auth.js";
import { OpenIdProvider } from "../openid-provider.js";

const providers: OpenIdProvider[] = [];
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.stop();
});

async function setUp() {
  const provider = await new OpenIdProvider().start();
  providers.push(provider);
  let offsetMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + offsetMs };
  const login = new OpenIdLogin(
    {
      issuer: provider.url,
      clientId: "our-client",
      clientSecret: "secret",
      redirectUri: "https://app.example/login/callback",
      allowInsecure: true,
    },
    { encrypter: new FakeEncrypter({ clock }), clock },
  );
  return { provider, login, wait: (ms: number) => (offsetMs += ms) };
}

describe("OpenIdLogin", () => {
  it("logs in by authorization code with PKCE, state and nonce", async () => {
    const { provider, login } = await setUp();
    const { url, state, maxAge } = await login.begin({ returnTo: "/notes" });
    const asked = new URL(url).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: "our-client",
      response_type: "code",
      scope: "openid email profile",
      redirect_uri: "https://app.example/login/callback",
      code_challenge_method: "S256",
    });
    expect(maxAge).toBe(600);
    expect(state).not.toContain(asked.get("state")!);
    expect(await login.finish(provider.authorize(url), state)).toMatchObject({
      issuer: provider.url,
      subject: "42",
      email: "ada@example.org",
      emailVerified: true,
      name: "Ada",
      returnTo: "/notes",
      claims: { aud: "our-client" },
    });
    expect((await login.configuration()).serverMetadata()["issuer"]).toBe(provider.url);
  });

  it("refuses a way back that was not begun here, took too long, or is somebody else's", async () => {
    const { provider, login, wait } = await setUp();
    const mine = await login.begin();
    const other = await login.begin();
    const query = provider.authorize(mine.url);
    for (const state of [undefined, "", "forged", other.state, `${mine.state}x`]) {
      expect(await codeOf(login.finish(query, state))).toBe("ERR_AUTH_IDENTITY_REFUSED");
    }
    // none of them reached the provider
    expect(provider.exchanged).toBe(0);
    await login.finish(query, mine.state);
    expect(await codeOf(login.finish(query, mine.state))).toBe("ERR_AUTH_IDENTITY_REFUSED");
    const late = await login.begin();
    const back = provider.authorize(late.url);
    wait(600_001);
    expect(await codeOf(login.finish(back, late.state))).toBe("ERR_AUTH_IDENTITY_REFUSED");
  });

  it("refuses an id token with another nonce, audience or issuer, and a refusal of the provider", async () => {
    const { provider, login } = await setUp();
    for (const claims of [{ nonce: "other" }, { aud: "other" }, { iss: "https://evil.example" }]) {
      provider.claims = claims;
      const { url, state } = await login.begin();
      expect(await codeOf(login.finish(provider.authorize(url), state))).toBe(
        "ERR_AUTH_IDENTITY_REFUSED",
      );
    }
    const { url, state } = await login.begin();
    const denied = new URLSearchParams({
      error: "access_denied",
      state: new URL(url).searchParams.get("state")!,
      iss: provider.url,
    });
    expect(await codeOf(login.finish(denied, state))).toBe("ERR_AUTH_IDENTITY_REFUSED");
  });

  it("takes an address for verified only when the provider says so", async () => {
    const { provider, login } = await setUp();
    provider.claims = { email_verified: "true" };
    const { url, state } = await login.begin();
    expect((await login.finish(provider.authorize(url), state)).emailVerified).toBe(false);
  });

  it("Trap: a provider that is down is an outage, no refusal, and is asked again", async () => {
    const { provider, login } = await setUp();
    const down = new OpenIdLogin(
      {
        issuer: "http://127.0.0.1:9",
        clientId: "our-client",
        redirectUri: "https://app.example/cb",
        allowInsecure: true,
      },
      { encrypter: new FakeEncrypter() },
    );
    expect(await codeOf(down.begin())).toBe("ERR_AUTH_IDENTITY_PROVIDER");
    expect(await codeOf(down.begin())).toBe("ERR_AUTH_IDENTITY_PROVIDER");
    const { url, state } = await login.begin();
    provider.failure = 503;
    expect(await codeOf(login.finish(provider.authorize(url), state))).toBe(
      "ERR_AUTH_IDENTITY_PROVIDER",
    );
  });

  it("refuses to go on to another site", async () => {
    const { login } = await setUp();
    for (const returnTo of ["https://evil.example", "//evil.example", "/\\evil.example", "notes"]) {
      await expect(login.begin({ returnTo })).rejects.toThrow("returnTo must be a path");
    }
    expect(
      () =>
        new OpenIdLogin(
          { issuer: "id.example", clientId: "c", redirectUri: "https://app.example" },
          { encrypter: new FakeEncrypter() },
        ),
    ).toThrow("issuer must be a URL");
  });
});
