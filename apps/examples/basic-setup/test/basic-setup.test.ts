import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { testDatabases } from "@infra/testing";
import { afterAll, describe, expect, it } from "@jest/globals";

const example = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "infra-basic-setup-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the example as a process of its own, in `cwd`, with these variables on top of a clean environment. */
function run(cwd: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [...sourceFlags, join(example, "src/main.ts")], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let output = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const look of waiting) look();
    });
  }
  const exited = once(child, "close").then(([code]) => code as number | null);
  const printed = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output);
        if (match) resolve(match[1] ?? match[0]);
      };
      waiting.add(look);
      look();
      void exited.then(() => reject(new Error(`ended before it printed ${pattern}:\n${output}`)));
    });
  return { child, exited, printed, output: () => output };
}

for (const engine of await testDatabases(process.env)) {
  const runs = engine.missing === undefined ? describe : describe.skip;
  runs(`the Basic Setup on ${engine.title}`, () => {
    afterAll(() => engine.close());

    it("serves, and ends cleanly on SIGTERM with the request in flight answered", async () => {
      // without DATABASE_URL it runs embedded, in ./data/db
      const env = engine.name === "embedded" ? undefined : { DATABASE_URL: await engine.url() };
      const app = run(folder, { PORT: "0", HOST: "127.0.0.1", ...env });
      const url = await app.printed(/(http:\/\/127\.0\.0\.1:\d+)/);
      expect(await (await fetch(`${url}/hello`)).json()).toEqual({ greeting: "hello" });

      const slow = fetch(`${url}/slow`);
      await app.printed(/a slow request begins/);
      app.child.kill("SIGTERM");
      expect(await (await slow).json()).toEqual({ slow: true });
      expect(await app.exited).toBe(0);
      expect(app.output()).toMatch(/stopped[^\n]*/i);
      for (const service of ["server", "database"]) expect(app.output()).toContain(service);
    }, 60_000);
  });
}

describe("the design's .env", () => {
  it("says which server is not there, without its password, and what to do", async () => {
    const names = readFileSync(join(example, ".env"), "utf8");
    expect(names).toContain("DATABASE_URL=postgres://user:password@localhost:5432/mydb");
    // a port of its own, so that a server on this machine is not asked
    const app = run(example, {
      PORT: "0",
      DATABASE_URL: "postgres://user:password@localhost:1/mydb",
    });
    expect(await app.exited).toBe(1);
    expect(app.output()).toContain("postgres://user:***@localhost:1/mydb");
    expect(app.output()).not.toContain("user:password");
    expect(app.output()).toMatch(/unset DATABASE_URL/);
  }, 60_000);
});
