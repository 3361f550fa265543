// The process of sandboxed jobs: one after the other, each by the module that it names.
import { Worker } from "node:worker_threads";

import type { ChildMessage, PlainError, RunMessage, SandboxedJob } from "./sandbox-messages.js";

type Handler = (job: SandboxedJob) => unknown;

const send = (message: ChildMessage): void => void process.send?.(message);

// nobody is left to work for
process.on("disconnect", () => process.exit(0));
watchParent();

process.on("message", (message: RunMessage) => {
  run(message).then(
    (result) => send({ type: "completed", result }),
    (error: unknown) => send({ type: "failed", error: plainError(error) }),
  );
});

async function run({ module, job }: RunMessage): Promise<unknown> {
  const loaded = (await import(module)) as { default?: Handler | { default?: Handler } };
  const found = loaded.default;
  // a CommonJS module's exports stand in its default
  const handler = typeof found === "object" ? found.default : found;
  if (typeof handler !== "function") throw new TypeError(`${module} has no default function`);
  return handler({
    ...job,
    progress: (value) => send({ type: "progress", value }),
    log: (line) => send({ type: "log", line }),
  });
}

function plainError(thrown: unknown): PlainError {
  if (typeof thrown !== "object" || thrown === null) {
    return { name: "Error", message: String(thrown) };
  }
  const { name, message, stack, code, retryable } = thrown as Record<string, unknown>;
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : "",
    ...(typeof stack === "string" && { stack }),
    ...(typeof code === "string" && { code }),
    ...(typeof retryable === "boolean" && { retryable }),
  };
}

/** A job that loops for ever hears of no disconnection: a thread of its own sees that nobody is left. */
function watchParent(): void {
  const program = `
    const parent = ${process.ppid};
    setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 1000);
  `;
  const limits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 };
  new Worker(program, { eval: true, resourceLimits: limits, execArgv: [] }).unref();
}
