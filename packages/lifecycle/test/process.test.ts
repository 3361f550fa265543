import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterEach, describe, expect, it } from "@jest/globals";

const program = fileURLToPath(new URL("programs/application.ts", import.meta.url));
const children: ChildProcess[] = [];
let again: NodeJS.Timeout | undefined;

afterEach(() => {
  clearInterval(again);
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Running {
  readonly child: ChildProcess;
  /** Resolves with the first line that begins so. */
  readonly line: (beginning: string) => Promise<string>;
  /** Resolves when the process has ended. */
  readonly end: Promise<{ code: number | null; signal: string | null; output: string }>;
}

function run(...does: readonly string[]): Running {
  const child = spawn(process.execPath, [...sourceFlags, program, ...does], {
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
      child.emit("output");
    });
  }
  return {
    child,
    line: async (beginning) => {
      for (;;) {
        const found = output.split("\n").find((line) => line.startsWith(beginning));
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`it ended without ${beginning}:\n${output}`);
        await Promise.race([once(child, "output"), once(child, "close")]);
      }
    },
    end: (async () => {
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      return { code, signal, output };
    })(),
  };
}

describe("an application's process", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends by itself on %s: answers what is in flight, stops in order, prints the report, exit code 0",
    async (signal) => {
      const { child, line, end } = run();
      const port = (await line("listening")).split(" ")[1]!;
      const inFlight = fetch(`http://127.0.0.1:${port}/`);
      await line("request");
      child.kill(signal);
      expect(await (await inFlight).text()).toBe("answered");
      const { code, output } = await end;
      expect(code).toBe(0);
      expect(output).toMatch(
        /server closed\ndatabase stopped\nstopped in \d+ ms \(SIG\w+\)\n {2}http-server \|/,
      );
    },
    30_000,
  );

  it("stops in order when nobody reads its standard output any more", async () => {
    const { child, line, end } = run();
    await line("listening");
    child.stdout!.destroy();
    child.kill("SIGTERM");
    expect((await end).code).toBe(0);
  }, 30_000);

  it("is ended at once by a second signal, which says what was holding it", async () => {
    const { child, line, end } = run("hang");
    await line("listening");
    child.kill("SIGTERM");
    // the second one counts only when the first has arrived
    again = setInterval(() => child.kill("SIGTERM"), 100);
    const { code, output } = await end;
    expect(code).toBe(143);
    expect(output).toContain("SIGTERM again: ending at once, held by");
  }, 30_000);

  it.each([
    ["throw", "uncaughtException", "Error: nobody caught this"],
    ["reject", "unhandledRejection", "Error: nobody awaited this"],
  ])(
    "reports an uncaught error and shuts down in order with exit code 1 (%s)",
    async (does, origin, message) => {
      const { code, output } = await run(does).end;
      expect(code).toBe(1);
      expect(output).toContain(`${origin}: ${message}`);
      expect(output).toContain(`reported ${message} ${origin}`);
      expect(output).toContain("server closed\ndatabase stopped\nstopped in");
    },
    30_000,
  );

  it("ends with code 1 within its time when something hangs, and names it", async () => {
    const { child, line, end } = run("short", "hang-database");
    await line("listening");
    child.kill("SIGTERM");
    const { code, output } = await end;
    expect(code).toBe(1);
    expect(output).toMatch(
      /database +\|.*OVERRAN; not over within the 500 ms of the shutdown; still held:/,
    );
  }, 30_000);

  it("ends by force, naming what kept it alive, when something is left behind", async () => {
    const { child, line, end } = run("short", "leak");
    await line("listening");
    child.kill("SIGTERM");
    const { code, output } = await end;
    expect(code).toBe(0);
    expect(output).toContain("still alive, held by");
    expect(output).toContain("Timeout");
  }, 30_000);

  it("exits with code 1 when the start failed, after stopping what there was", async () => {
    const { code, output } = await run("fail").end;
    expect(code).toBe(1);
    expect(output).toContain("database stopped");
    expect(output).toContain("the application did not start: no port");
  }, 30_000);

  it("calls off a start on a signal", async () => {
    const { child, line, end } = run("hang-start", "short");
    await line("starting");
    child.kill("SIGTERM");
    const { output } = await end;
    expect(output).toContain("database stopped");
    expect(output).toContain("the start was called off: SIGTERM");
  }, 30_000);
});
