import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterAll } from "@jest/globals";

const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** A program of test/programs that runs in a process of its own, and not longer than the suite. */
export class Program {
  readonly process: ChildProcess;
  readonly exited: Promise<number | string>;
  readonly lines: string[] = [];
  errors = "";

  constructor(name: string, ...args: string[]) {
    const file = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
    this.process = spawn(process.execPath, [...sourceFlags, file, ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    running.add(this.process);
    createInterface(this.process.stdout!).on("line", (line) => this.lines.push(line));
    this.process.stderr!.on("data", (chunk: Buffer) => (this.errors += chunk.toString()));
    this.exited = new Promise((resolve) => {
      this.process.once("close", (code, signal) => resolve(code ?? signal!));
    });
  }

  get pid(): number {
    return this.process.pid!;
  }
}
