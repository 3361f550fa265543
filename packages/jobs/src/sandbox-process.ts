import { fork, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { SandboxError } from "./errors.js";
import type { RunningJob } from "./job-definition.js";
import type { ChildMessage, PlainError, RunMessage } from "./sandbox-messages.js";

const megabyte = 1024 * 1024;
/** What a process takes beside its heap. */
const overheadBytes = 128 * megabyte;
const lookMs = 250;
const pageBytes = 4096;

/** A process for one job at a time. */
export class SandboxProcess {
  readonly #memoryBytes: number;
  readonly #child: ChildProcess;
  #stopResting: (() => void) | undefined;
  #tooMuchMemory = false;

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
    const heap = Math.max(16, Math.floor(memoryBytes / megabyte));
    this.#child = fork(fileURLToPath(new URL("./sandbox-child.js", import.meta.url)), {
      execArgv: [...flagsForFiles(), `--max-old-space-size=${heap}`],
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }

  /** @throws SandboxError when the process ends before the job; what the job threw; the signal's reason. */
  async run(module: string, job: RunningJob): Promise<unknown> {
    this.#awake();
    const { signal } = job;
    const child = this.#child;
    let onAbort!: () => void;
    const watch = setInterval(() => void this.#watchMemory(), lookMs);
    try {
      return await new Promise((resolve, reject) => {
        onAbort = () => {
          child.kill("SIGKILL");
          reject(signal.reason as Error);
        };
        signal.addEventListener("abort", onAbort);
        if (signal.aborted) return onAbort();
        child.on("error", reject);
        child.on("exit", (code, by) => reject(this.#ended(job.name, code, by)));
        child.on("message", (message: ChildMessage) => {
          if (message.type === "progress") job.progress(message.value).catch(reject);
          else if (message.type === "log") job.log(message.line).catch(reject);
          else if (message.type === "completed") resolve(message.result);
          else reject(errorOf(message.error));
        });
        const { id, name, payload, attempt, attempts, tenantId } = job;
        const run: RunMessage = { module, job: { id, name, payload, attempt, attempts, tenantId } };
        child.send(run, (error) => error && reject(error));
      });
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    } finally {
      clearInterval(watch);
      signal.removeEventListener("abort", onAbort);
      for (const event of ["error", "exit", "message"]) child.removeAllListeners(event);
    }
  }

  /** Waits for so long for its next job, without keeping this process alive, and then ends. */
  rest(forMs: number, onEnd: () => void): void {
    const child = this.#child;
    child.unref();
    child.channel?.unref();
    const end = (): void => {
      this.#awake();
      onEnd();
      child.kill("SIGKILL");
    };
    const timer = setTimeout(end, forMs).unref();
    child.once("exit", end);
    child.on("error", () => {});
    this.#stopResting = () => {
      clearTimeout(timer);
      child.off("exit", end);
    };
  }

  #awake(): void {
    this.#stopResting?.();
    this.#stopResting = undefined;
    this.#child.ref();
    this.#child.channel?.ref();
  }

  /** The limit of the heap leaves out what stands beside it, such as buffers. */
  async #watchMemory(): Promise<void> {
    const { pid } = this.#child;
    const statm = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => undefined);
    const pages = Number(statm?.split(" ")[1] ?? 0);
    if (pages * pageBytes <= this.#memoryBytes + overheadBytes) return;
    this.#tooMuchMemory = true;
    this.#child.kill("SIGKILL");
  }

  #ended(name: string, code: number | null, signal: NodeJS.Signals | null): SandboxError {
    const how = this.#tooMuchMemory
      ? `was ended for taking more than ${Math.floor(this.#memoryBytes / megabyte)} MB`
      : signal
        ? `was ended by ${signal}`
        : `exited with ${code}`;
    return new SandboxError(`the process of the job ${name} ${how} before the job was done`, {
      details: { ...(code !== null && { exitCode: code }), ...(signal && { signal }) },
      retryable: true,
    });
  }
}

function errorOf({ name, message, stack, code, retryable }: PlainError): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return Object.assign(error, {
    ...(code !== undefined && { code }),
    ...(retryable !== undefined && { retryable }),
  });
}

const evaluates = (flag: string | undefined): boolean =>
  /^(?:-e|-p|-pe|--eval|--print)$/.test(flag ?? "");

/** This process's flags for Node.js, without those that are about a program given on the command line. */
function flagsForFiles(): string[] {
  return process.execArgv.filter(
    (flag, at, all) =>
      !/^--(?:input-type|inspect|max-old-space-size)/.test(flag) &&
      !evaluates(flag) &&
      !evaluates(all[at - 1]),
  );
}
