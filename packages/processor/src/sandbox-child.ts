// The program of a sandbox's process: runs the function that it is told to, and answers.
import { Worker } from "node:worker_threads";

import { serialiseError } from "@infra/errors";

import type { SandboxAnswer, SandboxCall } from "./sandbox/sandbox-messages.js";

process.on("message", (call: SandboxCall) => void answer(call));
process.once("disconnect", () => process.exit());
watchParent();

async function answer(call: SandboxCall): Promise<void> {
  const answered = await run(call);
  try {
    process.send!(answered);
  } catch (error) {
    // what can't be copied from one process to the other
    process.send!({ ok: false, error: serialiseError(error) } satisfies SandboxAnswer);
  }
}

async function run({ module, name, args }: SandboxCall): Promise<SandboxAnswer> {
  try {
    const functions = (await import(module)) as Readonly<Record<string, unknown>>;
    const called = functions[name];
    if (typeof called !== "function") {
      throw new TypeError(`${module} exports no function ${JSON.stringify(name)}`);
    }
    return { ok: true, value: await called(...args) };
  } catch (error) {
    return { ok: false, error: serialiseError(error) };
  }
}

/** Work that never ends would not see that the parent has been killed: a thread of its own does. */
function watchParent(): void {
  const program = `
    const parent = ${process.ppid};
    setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 1000);
  `;
  const limits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 };
  new Worker(program, { eval: true, resourceLimits: limits, execArgv: [] }).unref();
}
