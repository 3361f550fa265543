import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { testDatabases } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { password, startApi } from "./start-api.js";

const program = fileURLToPath(new URL("programs/api-process.ts", import.meta.url));

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Starts the API as a process of its own. */
async function start(databaseUrl: string, cwd: string): Promise<Started> {
  const child = spawn(process.execPath, [...sourceFlags, program], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "test",
      PORT: "0",
      LOG_LEVEL: "fatal",
      DATABASE_URL: databaseUrl,
      JWT_SECRET: "a secret for tests",
      ENCRYPTION_KEY: "a key for tests",
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
      child.emit("output");
    });
  }
  for (;;) {
    const url = /^listening (.*)$/m.exec(output)?.[1];
    if (url) return { child, url };
    if (child.exitCode !== null) throw new Error(`it ended:\n${output}`);
    await Promise.race([once(child, "output"), once(child, "close")]);
  }
}

const [postgres] = await testDatabases(process.env, ["postgres"]);
const runs = postgres!.missing === undefined ? describe : describe.skip;

runs(`two processes on ${postgres!.title}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "infra-api-"));
  let api: Awaited<ReturnType<typeof startApi>>;
  const both: Started[] = [];
  const post = async (at: number, path: string, body: unknown) => {
    const response = await fetch(both[at % 2]!.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  /** How often both have verified a password so far. */
  const counts = async (): Promise<number> => {
    const each = both.map(async ({ child }) => {
      child.send("count");
      const [count] = (await once(child, "message")) as [number];
      return count;
    });
    return (await Promise.all(each)).reduce((sum, count) => sum + count);
  };

  beforeAll(async () => {
    const url = await postgres!.url();
    // makes the accounts, and asks the same tables
    api = await startApi(url);
    both.push(...(await Promise.all([start(url, folder), start(url, folder)])));
  }, 120_000);
  afterAll(async () => {
    for (const { child } of both) child.kill("SIGKILL");
    await api?.stop();
    await postgres!.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it("Trap: one refresh token, used 50 times at once from both, yields one new branch", async () => {
    const email = "branch@example.org";
    const { id } = await api.create(email);
    const first = await post(0, "/login", { email, password, as: "tokens" });
    const { refreshToken } = first.body;
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) => post(at, "/refresh", { refreshToken })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body["refreshToken"])).size).toBe(1);
    expect(await api.auth.tokens.list(id)).toHaveLength(1);

    const next = { refreshToken: answers[0]!.body["refreshToken"] };
    const third = await post(1, "/refresh", next);
    expect(third.status).toBe(200);
    // used again once its successor was: stolen, and the end of all that came of it
    expect((await post(0, "/refresh", { refreshToken })).status).toBe(401);
    expect((await post(1, "/refresh", { refreshToken: third.body["refreshToken"] })).status).toBe(
      401,
    );
    const me = await fetch(`${both[0]!.url}/me`, {
      headers: { authorization: `Bearer ${third.body["accessToken"] as string}` },
    });
    expect(me.status).toBe(401);
  }, 60_000);

  it("Trap: of 100 wrong logins at once to both no more than the limit reach the hash", async () => {
    const email = "victim@example.org";
    await api.create(email);
    const before = await counts();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => post(at, "/login", { email, password: "wrong" })),
    );
    expect(await counts()).toBe(before + 5);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(95);
  }, 60_000);
});
