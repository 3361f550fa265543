import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterEach, describe, expect, it } from "@jest/globals";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function run(program: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [...sourceFlags, `test/programs/${program}`, ...args], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  children.push(child);
  return child;
}

const numbers = Array.from({ length: 1000 }, (_, line) => line);

const linesIn = (output: string): unknown[] =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { line: unknown }).line);

/** How a program ends, and what its parent sees then. */
const endings: Readonly<Record<string, number | string>> = {
  exit: 0,
  throw: 1,
  rejection: 1,
  SIGTERM: "SIGTERM",
  SIGKILL: "SIGKILL",
  stop: 0,
};

describe("1,000 lines on the console and in a file", () => {
  // winston: 1,000 lines, then process.exit(), left no file at all
  it.each(Object.keys(endings))(
    "are all there after %s",
    async (ending) => {
      const folder = mkdtempSync(join(tmpdir(), "infra-logging-"));
      folders.push(folder);
      const file = join(folder, "app.log");
      const child = run("thousand-lines.mts", file, ending);
      child.stderr.resume();
      const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, "exit")]);
      expect([ending, signal ?? code]).toEqual([ending, endings[ending]]);
      expect(linesIn(output)).toEqual(numbers);
      expect(linesIn(readFileSync(file, "utf8"))).toEqual(numbers);
    },
    30_000,
  );
});

describe("a console that nobody reads", () => {
  it("holds up the program for seconds, not for ever, and goes on with whole lines", async () => {
    const child = run("stuck-reader.mts");
    const told: string[] = [];
    for await (const line of createInterface(child.stderr)) {
      told.push(line);
      if (line.startsWith("{")) break;
    }
    const stats = JSON.parse(told.at(-1)!) as { tookMs: number; transports: { failed: number }[] };
    expect(told.join("\n")).toContain("console failed, and will not be reported again");
    expect(stats.tookMs).toBeLessThan(20_000);
    const output = text(child.stdout);
    await once(child.stdout, "data");
    child.stdin.write("go\n");
    const lines = (await output).trimEnd().split("\n");
    expect(JSON.parse(lines.pop()!)).toMatchObject({ message: "the reader is back", line: 10 });
    // the line that was given up is there in part; what comes after it stands on lines of its own
    expect(lines.pop()).not.toMatch(/}$/);
    expect(linesIn(lines.join("\n"))).toEqual(numbers.slice(0, lines.length));
    expect(stats.transports[0]!.failed).toBe(10 - lines.length);
  }, 30_000);
});
