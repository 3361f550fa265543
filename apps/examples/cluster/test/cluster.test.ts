import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { testDatabases, testRedis, until } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

const [postgres] = await testDatabases(process.env, ["postgres"]);
const redis = testRedis(process.env);
const missing = postgres!.missing ?? redis.missing;
const title = `the cluster${missing === undefined ? "" : ` (skipped: ${missing})`}`;

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

(missing === undefined ? describe : describe.skip)(title, () => {
  let child: ChildProcess;
  let output = "";
  let url: string;

  beforeAll(async () => {
    child = spawn(process.execPath, [...sourceFlags, main], {
      env: {
        PATH: process.env["PATH"],
        HOST: "127.0.0.1",
        PORT: "0",
        LOG_LEVEL: "warn",
        DATABASE_URL: await postgres!.url(),
        REDIS_URL: await redis.url(),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    url = await until(
      () => {
        if (child.exitCode !== null) throw new Error(output);
        return /serving at (http:\/\/\S+)/.exec(output)?.[1];
      },
      { timeoutMs: 90_000 },
    );
  }, 120_000);
  afterAll(async () => {
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    await postgres!.close();
    await redis.close();
  });

  const ready = (role: string): number[] =>
    [...output.matchAll(new RegExp(`^${role} (\\d+) is ready`, "gm"))].map(([, pid]) =>
      Number(pid),
    );

  /** Each on a connection of its own, so that the processes take turns. */
  const ask = async (path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      headers: { connection: "close", ...(body && { "content-type": "application/json" }) },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  const place = async (count: number) => {
    const placed = await Promise.all(
      Array.from({ length: count }, (_, at) => ask("/orders", { item: `item ${at}` })),
    );
    expect(placed.map(({ status }) => status)).toEqual(placed.map(() => 201));
    return placed.map(({ body }) => body as { id: number; servedBy: number });
  };

  const packedBy = async (ids: readonly number[]): Promise<number[]> =>
    Promise.all(
      ids.map((id) =>
        until(async () => ((await ask(`/orders/${id}`)).body["packedBy"] as number) ?? undefined, {
          timeoutMs: 60_000,
        }),
      ),
    );

  it("serves one port by both apps, and packs by both workers", async () => {
    const served = new Set<number>();
    const packed = new Set<number>();
    await until(
      async () => {
        const orders = await place(20);
        for (const { servedBy } of orders) served.add(servedBy);
        for (const by of await packedBy(orders.map(({ id }) => id))) packed.add(by);
        return served.size === 2 && packed.size === 2;
      },
      { timeoutMs: 90_000 },
    );
    expect(served).toEqual(new Set(ready("app")));
    expect(packed).toEqual(new Set(ready("worker")));
    expect((await ask("/orders/999999")).status).toBe(404);
  }, 120_000);

  it("replaces an app and a worker that were killed, and loses no order", async () => {
    const [app] = ready("app");
    const [worker] = ready("worker");
    const orders = await place(30);
    process.kill(worker!, "SIGKILL");
    process.kill(app!, "SIGKILL");
    await until(() => ready("app").length === 3 && ready("worker").length === 3, {
      timeoutMs: 60_000,
    });
    expect(await packedBy(orders.map(({ id }) => id))).toHaveLength(30);
    expect(await packedBy((await place(5)).map(({ id }) => id))).toHaveLength(5);
  }, 180_000);

  it("stops every process on SIGTERM", async () => {
    child.kill("SIGTERM");
    await once(child, "exit");
    expect(child.exitCode).toBe(0);
    for (const pid of [...ready("app"), ...ready("worker")]) {
      expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    }
  }, 60_000);
});
