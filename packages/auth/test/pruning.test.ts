import { silentLogger, type LogMeta } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { describe, expect, it, jest } from "@jest/globals";

import type { AuthOptions } from "../src/index.js";
import { createAuth } from "./create-auth.js";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

async function createPruned(options: Pick<AuthOptions, "pruneEvery"> = {}) {
  const clock = new ManualClock();
  const lines: [message: string, meta: LogMeta | undefined][] = [];
  const logger = {
    ...silentLogger,
    warn: (message: string, meta?: LogMeta) => void lines.push([message, meta]),
  };
  const { auth, createAda, login, stores } = createAuth(options, { clock, logger });
  await createAda();
  return { auth, clock, lines, login, prune: jest.spyOn(stores.sessions, "prune") };
}

describe("AuthService.prune()", () => {
  it("deletes what ended a day ago, and nothing that goes on", async () => {
    const { auth, clock, login } = await createPruned();
    await auth.sessions.start(await login());
    const { refreshToken } = await auth.tokens.start(await login());
    await clock.advance(2 * hour + day);
    expect(await auth.prune()).toBe(0);
    await clock.advance(1);
    expect(await auth.prune()).toBe(1);
    await auth.tokens.refresh(refreshToken);
    await clock.advance(88 * day);
    expect(await auth.prune()).toBe(0);
    await clock.advance(2 * day);
    expect(await auth.prune()).toBe(1);
  });

  it("is called every hour, give or take a quarter, between start() and stop()", async () => {
    const { auth, clock, login, prune } = await createPruned();
    await auth.sessions.start(await login());
    await clock.advance(2 * day);
    expect(prune).not.toHaveBeenCalled();
    await auth.start();
    await auth.start();
    await clock.advance(44 * minute);
    expect(prune).not.toHaveBeenCalled();
    await clock.advance(31 * minute);
    expect(prune).toHaveBeenCalledTimes(1);
    expect(await auth.prune()).toBe(0);
    await clock.advance(day);
    expect(prune.mock.calls.length).toBeGreaterThanOrEqual(20);
    await auth.stop();
    expect(clock.pending).toBe(0);
  });

  it("is called by nobody with pruneEvery: 0", async () => {
    const { auth, clock } = await createPruned({ pruneEvery: 0 });
    await auth.start();
    expect(clock.pending).toBe(0);
  });

  it("that fails is logged, and comes again", async () => {
    const { auth, clock, lines, prune } = await createPruned({ pruneEvery: "10m" });
    const down = new Error("the database is down");
    prune.mockRejectedValueOnce(down);
    await auth.start();
    await clock.advance(13 * minute);
    expect(lines).toEqual([
      ["sessions and tokens that are over can't be deleted", { error: down }],
    ]);
    await clock.advance(13 * minute);
    expect(prune.mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(lines).toHaveLength(1);
    await auth.stop();
  });

  it("that runs is ended by stop(), without a line; one that hangs holds up nobody", async () => {
    const { auth, clock, lines, prune } = await createPruned();
    let hangs = false;
    prune.mockImplementation((...[, options]: [number, { signal: AbortSignal }?]) => {
      const { signal } = options!;
      return new Promise((_resolve, reject) => {
        if (!hangs) signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    });
    await auth.start();
    await clock.advance(76 * minute);
    await auth.stop();
    hangs = true;
    await auth.start();
    await clock.advance(76 * minute);
    const budget = new AbortController();
    const stopped = auth.stop({ signal: budget.signal });
    budget.abort();
    await stopped;
    expect(lines).toEqual([]);
  });

  it("refuses a pruneEvery that is no duration", () => {
    expect(() => createAuth({ pruneEvery: "now and then" as never })).toThrow("pruneEvery");
  });
});
