import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { testDatabases, testRedis } from "@infra/testing";
import { afterAll, afterEach, describe, expect, it } from "@jest/globals";

const program = fileURLToPath(new URL("programs/limited-app.ts", import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Starts an application; resolves to its address. */
async function start(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [...sourceFlags, program, ...args], {
    env: { ...process.env, NODE_OPTIONS: "" },
    // it ends with this process
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
      child.emit("output");
    });
  }
  for (;;) {
    const url = /^listening (.*)$/m.exec(output)?.[1];
    if (url) return url;
    if (child.exitCode !== null) throw new Error(`it ended:\n${output}`);
    await Promise.race([once(child, "output"), once(child, "close")]);
  }
}

const databases = await testDatabases(process.env);
const engines = [testRedis(process.env), databases.find(({ name }) => name === "postgres")!];
afterAll(async () => {
  for (const engine of engines) await engine.close();
}, 60_000);

// one that is missing here is named, and skipped, by rate-limit-stores.test.ts
describe("rateLimit over four processes", () => {
  it.each(engines.filter((engine) => engine.missing === undefined))(
    "Trap: of a thousand requests at once a hundred pass, and none later, on $title",
    async (engine) => {
      const url = await engine.url();
      const name = `limits_${randomBytes(6).toString("hex")}`;
      const apps = await Promise.all(
        Array.from({ length: 4 }, () => start(engine.name, url, name)),
      );
      const get = async (at: number): Promise<number> => {
        const response = await fetch(apps[at % apps.length]!);
        await response.arrayBuffer();
        return response.status;
      };
      const statuses = await Promise.all(Array.from({ length: 1000 }, (_, at) => get(at)));

      expect(statuses.filter((status) => status === 200)).toHaveLength(100);
      expect(statuses.filter((status) => status === 429)).toHaveLength(900);
      expect(await get(0)).toBe(429);
    },
    300_000,
  );
});
