import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { testDatabases, testRedis, until } from "@infra/testing";
import { afterAll, describe, expect, it } from "@jest/globals";

const program = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "example-jobs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [postgres] = await testDatabases(process.env, ["postgres"]);
const engines = [
  {
    name: "embedded",
    title: "embedded",
    missing: undefined,
    url: () => Promise.resolve(`pglite:${folder}`),
    close: () => Promise.resolve(),
  },
  postgres!,
  testRedis(process.env),
];

for (const engine of engines) {
  const present = engine.missing === undefined ? describe : describe.skip;
  present(`the example on ${engine.title}`, () => {
    afterAll(() => engine.close());

    it("runs its jobs, shows them behind the guard, and ends", async () => {
      const child = spawn(process.execPath, [...sourceFlags, program], {
        env: {
          PATH: process.env["PATH"],
          JOBS_URL: await engine.url(),
          PORT: "0",
          DASHBOARD_TOKEN: "sesame",
        },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let out = "";
      child.stdout.on("data", (chunk) => (out += chunk));
      try {
        await until(() => out.includes("done on"), { timeoutMs: 60_000 });
        expect(out).toContain("welcome, ada@example.org\n");
        expect(out).toContain("report of 2: cat@320.webp, cat@640.webp\n");
        const [, address] = /dashboard: (\S+)\n/.exec(out)!;
        expect((await fetch(address!)).status).toBe(401);
        const password = Buffer.from("admin:sesame").toString("base64");
        const page = await fetch(address!, { headers: { authorization: `Basic ${password}` } });
        expect(page.status).toBe(200);
        await expect(page.text()).resolves.toContain("<html");
        const exit = once(child, "exit");
        child.kill("SIGTERM");
        await expect(exit).resolves.toEqual([0, null]);
      } finally {
        child.kill("SIGKILL");
      }
    }, 90_000);
  });
}
