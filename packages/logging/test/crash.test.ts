import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { describe, expect, it } from "@jest/globals";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const numbers = Array.from({ length: 1000 }, (_, line) => line);

const linesIn = (output: string): unknown[] =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { line: unknown }).line);

describe("1,000 lines on the console and in a file", () => {
  // winston: 1,000 lines, then process.exit(), left no file at all
  it.each(["exit", "throw", "rejection", "SIGTERM", "SIGKILL", "stop"])(
    "are all there after %s",
    async (ending) => {
      const folder = mkdtempSync(join(tmpdir(), "infra-logging-"));
      try {
        const file = join(folder, "app.log");
        const child = spawn(
          process.execPath,
          [...sourceFlags, "test/programs/thousand-lines.mts", file, ending],
          { cwd, stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, NODE_OPTIONS: "" } },
        );
        const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
        expect(linesIn(output)).toEqual(numbers);
        expect(linesIn(readFileSync(file, "utf8"))).toEqual(numbers);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    30_000,
  );
});

describe("a console that nobody reads", () => {
  it("holds up the program for seconds, not for ever, and goes on with whole lines", async () => {
    const child = spawn(process.execPath, [...sourceFlags, "test/programs/stuck-reader.mts"], {
      cwd,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    const told: string[] = [];
    for await (const line of createInterface(child.stderr)) if (told.push(line) === 2) break;
    const stats = JSON.parse(told[1]!) as { tookMs: number; transports: { failed: number }[] };
    expect(told[0]).toContain("console failed, and will not be reported again");
    expect(stats.tookMs).toBeLessThan(20_000);
    const output = text(child.stdout);
    await once(child.stdout, "data");
    child.stdin.write("go\n");
    const lines = (await output).trimEnd().split("\n");
    expect(lines.pop()).toContain('"the reader is back"');
    // the line that was given up may be there in part; what comes after it stands on lines of its own
    if (!lines.at(-1)?.endsWith("}")) lines.pop();
    expect(linesIn(lines.join("\n"))).toEqual(numbers.slice(0, lines.length));
    expect(stats.transports[0]!.failed).toBe(500 - lines.length);
  }, 30_000);
});
