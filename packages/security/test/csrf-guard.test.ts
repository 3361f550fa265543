import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { CsrfGuard, SignatureService, type CsrfOptions, type CsrfRequest } from "../src/index.js";

const clock = new ManualClock();
const signer = new SignatureService({ key: "csrf" }, { clock });
const own = {
  host: "shop.example",
  origin: "https://shop.example",
  "sec-fetch-site": "same-origin",
};

function guard(options: CsrfOptions = {}): CsrfGuard {
  return new CsrfGuard(options, { signer });
}

function request(token: string | undefined, changed: Partial<CsrfRequest> = {}): CsrfRequest {
  return { method: "POST", headers: own, sessionId: "session-1", cookie: token, token, ...changed };
}

function reasonOf(checked: CsrfGuard, given: CsrfRequest): unknown {
  try {
    return checked.check(given);
  } catch (error) {
    const { code, status, details } = error as {
      code: string;
      status: number;
      details: { reason: string };
    };
    return code === "ERR_SECURITY_CSRF" && status === 403 ? details.reason : error;
  }
}

describe("CsrfGuard", () => {
  const token = guard().create("session-1");

  it("lets requests of our own pages pass, with a token for the session", () => {
    expect(guard().create("session-1")).not.toBe(token);
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "post"]) {
      expect(reasonOf(guard(), request(token, { method }))).toBeUndefined();
    }
    expect(reasonOf(guard(), request(token, { headers: new Headers(own) }))).toBeUndefined();
  });

  it("lets methods pass that change nothing", () => {
    for (const method of ["GET", "head", "OPTIONS", "TRACE"]) {
      expect(reasonOf(guard(), request(undefined, { method, headers: {} }))).toBeUndefined();
    }
  });

  it("refuses a token that is missing, not that of the cookie, changed, or another session's", () => {
    const others = [undefined, "", `${token}x`, token.slice(0, -1), "a.b.c.d"];
    for (const other of others) {
      expect(reasonOf(guard(), request(other))).toBe("token");
      expect(reasonOf(guard(), request(token, { token: other }))).toBe("token");
      expect(reasonOf(guard(), request(token, { cookie: other }))).toBe("token");
    }
    expect(reasonOf(guard(), request(token, { cookie: guard().create("session-1") }))).toBe(
      "token",
    );
    // planted from a sister domain, with the attacker's own session
    expect(reasonOf(guard(), request(guard().create("session-2")))).toBe("token");
    // signed for something else
    const signed = signer.sign("x", { purpose: "cookie", context: "session-1" });
    expect(reasonOf(guard(), request(signed))).toBe("token");
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ["cross-site by Sec-Fetch-Site", { ...own, "sec-fetch-site": "cross-site" }, "origin"],
    ["same-site by Sec-Fetch-Site", { ...own, "sec-fetch-site": "same-site" }, "origin"],
    ["typed by the user", { "sec-fetch-site": "none" }, undefined],
    [
      "of our origin, by an old browser",
      { host: "shop.example", origin: "http://shop.example" },
      undefined,
    ],
    [
      "of another origin, by an old browser",
      { host: "shop.example", origin: "https://evil.example" },
      "origin",
    ],
    [
      "of our origin, over HTTP/2",
      { ":authority": "shop.example", origin: "https://shop.example" },
      undefined,
    ],
    ["of another port", { host: "shop.example", origin: "https://shop.example:444" }, "origin"],
    ["of an origin that is hidden", { host: "shop.example", origin: "null" }, "origin"],
    ["of a program that says nothing", { host: "shop.example" }, undefined],
    [
      "of an origin that is allowed",
      { host: "shop.example", origin: "https://admin.example", "sec-fetch-site": "cross-site" },
      undefined,
    ],
  ])("a request %s", (_what, headers, reason) => {
    const allowing = guard({ origins: ["https://admin.example"] });
    expect(reasonOf(allowing, request(token, { headers }))).toBe(reason);
  });

  it("tokens end with their time", () => {
    const timed = guard({ expiresIn: "1h" });
    const short = timed.create("session-1");
    expect(timed.verify(short, "session-1")).toBe(true);
    clock.set(clock.now() + 3_600_000);
    expect(timed.verify(short, "session-1")).toBe(false);
  });

  it("refuses an empty session, which would be everybody's, and origins that are none", () => {
    expect(() => guard().create("")).toThrow("sessionId must be a non-empty string");
    expect(() => guard().verify(token, undefined as unknown as string)).toThrow(TypeError);
    expect(() => guard({ origins: ["https://a.example/"] })).toThrow("origins must be like");
  });
});
