import { describe, expect, it } from "@jest/globals";

import { TokenClient, type ClientTokens } from "../src/index.js";

/** A server that takes one access token, and answers a refresh as it is told. */
function server(refreshStatus: number | "unreachable" = 200) {
  let good = 1;
  const seen = { refreshed: 0, kept: [] as ClientTokens[], loggedOut: 0 };
  const answer = { status: refreshStatus };
  const client = new TokenClient({
    tokens: { accessToken: "a1", refreshToken: "r1" },
    fetch: async (_input, init) => {
      const ok = new Headers(init?.headers).get("authorization") === `Bearer a${good}`;
      return new Response(ok ? "hello" : "who?", { status: ok ? 200 : 401 });
    },
    refresh: async (refreshToken) => {
      seen.refreshed += 1;
      await new Promise((resolve) => setImmediate(resolve));
      if (answer.status === "unreachable") throw new TypeError("fetch failed");
      if (answer.status !== 200) return new Response("no", { status: answer.status });
      expect(refreshToken).toBe(`r${good - 1}`);
      return Response.json({ accessToken: `a${good}`, refreshToken: `r${good}` });
    },
    onTokens: (tokens) => void seen.kept.push(tokens),
    onLoggedOut: () => (seen.loggedOut += 1),
  });
  return { client, seen, answer, expire: () => (good += 1) };
}

describe("TokenClient", () => {
  it("exchanges an access token that is refused, once for all that wait, and sends again", async () => {
    const { client, seen, expire } = server();
    expect(await (await client.fetch("/")).text()).toBe("hello");
    expire();
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch("/")));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(seen).toEqual({
      refreshed: 1,
      kept: [{ accessToken: "a2", refreshToken: "r2" }],
      loggedOut: 0,
    });
  });

  it.each([429, 500, 503, "unreachable"] as const)(
    "Trap: a refresh that ends with %s does not log out",
    async (status) => {
      const { client, seen, answer, expire } = server(status);
      expire();
      const got = await client.fetch("/").then(
        (response) => response.status,
        () => "unreachable",
      );
      expect(got).toBe(status);
      expect(seen.loggedOut).toBe(0);
      expect(client.tokens).toEqual({ accessToken: "a1", refreshToken: "r1" });
      answer.status = 200;
      expect((await client.fetch("/")).status).toBe(200);
    },
  );

  it.each([400, 401, 403])("a refresh that is refused with %i ends the login", async (status) => {
    const { client, seen, expire } = server(status);
    expire();
    expect((await client.fetch("/")).status).toBe(401);
    expect(client.tokens).toBeUndefined();
    expect(seen.loggedOut).toBe(1);
    expect((await client.fetch("/")).status).toBe(401);
    expect(seen.refreshed).toBe(1);
  });
});
