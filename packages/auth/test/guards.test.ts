import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import {
  AccessPolicy,
  everyGuard,
  requireFreshLogin,
  requireLogin,
  requirePermission,
  requireRole,
  someGuard,
  type GuardedRequest,
} from "../src/index.js";

const clock = new ManualClock();
const request = (...roles: string[]): GuardedRequest => ({
  principal: { id: "ada", roles, authenticatedAt: clock.now() },
});
const status = async (work: Promise<void>): Promise<unknown> =>
  await work.then(
    () => 200,
    (error: unknown) => (error as { status?: number }).status ?? String(error),
  );

const outage = async (): Promise<void> => {
  throw Object.assign(new Error("down"), { status: 503 });
};

describe("guards", () => {
  it("requireLogin() and requireRole() answer 401 to nobody, 403 to who has no such role", async () => {
    expect(await status(requireLogin()({}))).toBe(401);
    expect(await status(requireLogin()(request()))).toBe(200);
    const admin = requireRole("admin", "owner");
    expect(await status(admin({}))).toBe(401);
    expect(await status(admin(request("user")))).toBe(403);
    expect(await status(admin(request("owner")))).toBe(200);
    expect(() => requireRole()).toThrow("at least one");
  });

  it("requireFreshLogin() wants a proof that is not too old; a key has none", async () => {
    const fresh = requireFreshLogin("10m", { clock });
    const one = request();
    expect(await status(fresh(one))).toBe(200);
    await clock.advance(600_001);
    await expect(fresh(one)).rejects.toMatchObject({ code: "ERR_AUTH_STEP_UP_REQUIRED" });
    expect(await status(fresh({ principal: { id: "ada", roles: [] } }))).toBe(403);
    expect(await status(fresh({}))).toBe(401);
  });

  it("requirePermission() asks the authorizer, with the resource of the request", async () => {
    const policy = new AccessPolicy({
      rules: [{ allow: "notes.read", where: ({ id }) => ({ ownerId: id }) }],
    });
    const guard = requirePermission(
      policy,
      "notes.read",
      async (each: GuardedRequest & { owner: string }) => ({ ownerId: each.owner }),
    );
    expect(await status(guard({ ...request(), owner: "ada" }))).toBe(200);
    expect(await status(guard({ ...request(), owner: "bob" }))).toBe(403);
    expect(await status(guard({ owner: "bob" }))).toBe(401);
  });

  it("everyGuard() wants all, someGuard() one; an outage is no refusal", async () => {
    const both = everyGuard(requireRole("a"), requireRole("b"));
    expect(await status(both(request("a")))).toBe(403);
    expect(await status(both(request("a", "b")))).toBe(200);
    const either = someGuard(requireRole("a"), requireRole("b"));
    expect(await status(either(request("b")))).toBe(200);
    expect(await status(either(request("c")))).toBe(403);
    expect(await status(someGuard(outage, requireRole("a"))(request("a")))).toBe(503);
    expect(() => someGuard()).toThrow("at least one");
  });
});
