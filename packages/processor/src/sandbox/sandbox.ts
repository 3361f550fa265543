import { setMaxListeners } from "node:events";

import {
  systemClock,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
  type StopContext,
} from "@infra/interfaces";
import { linkSignals, Semaphore, withTimeout } from "@infra/promises";

import { checkNumber } from "../check-argument.js";
import { ProcessingTimeoutError, StoppedError } from "../errors.js";
import { SandboxProcess } from "../sandbox-process.js";
import { busyInstead } from "../work-slots.js";

/** Options of {@link Sandbox}. */
export interface SandboxOptions {
  /** The module whose exported functions are run: `new URL("resize.js", import.meta.url)`. */
  readonly module: string | URL;
  /** What one process may hold in memory, of JavaScript and of native libraries; from `"32mb"`. @default "512mb" */
  readonly memory?: ByteSize;
  /** How long one call may take. @default "30s" */
  readonly timeout?: Duration;
  /** How many processes there are at once. @default 1 */
  readonly concurrency?: number;
  /** How many calls may wait for one. @default 1000 */
  readonly maxWaiting?: number;
  /** A process is replaced after so many calls. @default 1000 */
  readonly maxCalls?: number;
  /** How long a process is kept that has nothing to do. @default "30s" */
  readonly idleTimeout?: Duration;
  /** The environment of the processes: that of this one stays outside. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Flags for Node.js, such as `--permission`. @default those of this process */
  readonly execArgv?: readonly string[];
}

/** Collaborators of {@link Sandbox}. */
export interface SandboxDependencies {
  readonly clock?: Clock | undefined;
}

type Functions<M> = {
  readonly [K in keyof M as M[K] extends (...args: never[]) => unknown ? K : never]: M[K] extends (
    ...args: infer A
  ) => infer R
    ? { readonly args: A; readonly result: Awaited<R> }
    : never;
};

/**
 * Runs the functions of a module in processes of their own, with a ceiling on memory and time: what loops for ever, fills
 * the memory or crashes takes its process with it, and nothing else. Arguments and results are copied (structured clone).
 * Typed by the module: `new Sandbox<typeof import("./work.js")>({ module: new URL("work.js", import.meta.url) })`. It
 * bounds work, it does not hold code that means harm.
 *
 * @throws TypeError or RangeError from the constructor when an option can't be.
 */
export class Sandbox<M extends object> {
  readonly #module: string;
  readonly #memoryBytes: number;
  readonly #timeoutMs: number;
  readonly #idleTimeoutMs: number;
  readonly #maxCalls: number;
  readonly #env: Readonly<Record<string, string>>;
  readonly #execArgv: readonly string[];
  readonly #slots: Semaphore;
  readonly #clock: Clock;
  readonly #stopping = linkSignals();
  readonly #processes = new Set<SandboxProcess>();
  readonly #idle: { readonly process: SandboxProcess; readonly keepNoLonger: () => void }[] = [];

  constructor(options: SandboxOptions, deps: SandboxDependencies = {}) {
    this.#module = moduleUrl(options.module);
    this.#memoryBytes = checkNumber(toBytes(options.memory ?? "512mb", "memory"), "memory", {
      least: 32 * 1024 ** 2,
    });
    this.#timeoutMs = toMilliseconds(options.timeout ?? "30s", "timeout");
    this.#idleTimeoutMs = toMilliseconds(options.idleTimeout ?? "30s", "idleTimeout");
    this.#maxCalls = checkNumber(options.maxCalls ?? 1000, "maxCalls", { least: 1 });
    this.#env = options.env ?? {};
    this.#execArgv = options.execArgv ?? process.execArgv;
    this.#slots = new Semaphore({
      permits: checkNumber(options.concurrency ?? 1, "concurrency", { least: 1 }),
      maxWaiting: checkNumber(options.maxWaiting ?? 1000, "maxWaiting", { least: 0 }),
    });
    this.#clock = deps.clock ?? systemClock;
    // every call listens: that is no leak
    setMaxListeners(0, this.#stopping.signal);
  }

  /** How many processes there are. */
  get processes(): number {
    return this.#processes.size;
  }

  /**
   * Calls a function of the module. When `signal` aborts or the time is over, its process is killed.
   *
   * @throws what the function throws, as `fromJSON` of `@infra/errors` restores it; SandboxMemoryError
   * (`ERR_PROCESSOR_SANDBOX_MEMORY`), ProcessingTimeoutError (`ERR_PROCESSOR_TIMEOUT`), SandboxCrashedError
   * (`ERR_PROCESSOR_SANDBOX_CRASHED`), BusyError (`ERR_PROCESSOR_BUSY`), StoppedError (`ERR_PROCESSOR_STOPPED`); the
   * signal's reason.
   */
  async run<K extends keyof Functions<M> & string>(
    name: K,
    args: Functions<M>[K]["args"],
    options: { readonly signal?: AbortSignal | undefined; readonly timeout?: Duration } = {},
  ): Promise<Functions<M>[K]["result"]> {
    const timeout = toMilliseconds(options.timeout ?? this.#timeoutMs, "timeout");
    using link = linkSignals(options.signal, this.#stopping.signal);
    using slot = await this.#slots.acquire({ signal: link.signal }).catch(busyInstead);
    void slot;
    link.signal.throwIfAborted();
    const sandbox = this.#take();
    try {
      const call = { module: this.#module, name, args };
      return (await withTimeout(({ signal }) => sandbox.run(call, signal), {
        timeout,
        signal: link.signal,
        clock: this.#clock,
        error: (timeoutMs) =>
          new ProcessingTimeoutError(`${name}() took longer than ${timeoutMs} ms in the sandbox`, {
            details: { timeoutMs },
          }),
      })) as Functions<M>[K]["result"];
    } finally {
      this.#giveBack(sandbox);
    }
  }

  /** Kills the processes; calls under way reject with StoppedError. */
  async stop(_context: StopContext = {}): Promise<void> {
    this.#stopping.abort(new StoppedError("the sandbox has been stopped"));
    for (const { keepNoLonger } of this.#idle.splice(0)) keepNoLonger();
    await Promise.all([...this.#processes].map((each) => this.#end(each)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #take(): SandboxProcess {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      idle.keepNoLonger();
      if (idle.process.alive) return idle.process;
      void this.#end(idle.process);
    }
    const made = new SandboxProcess({
      memoryBytes: this.#memoryBytes,
      execArgv: this.#execArgv,
      env: this.#env,
    });
    this.#processes.add(made);
    return made;
  }

  #giveBack(sandbox: SandboxProcess): void {
    const worn = sandbox.calls >= this.#maxCalls || this.#stopping.signal.aborted;
    if (!sandbox.alive || worn) {
      void this.#end(sandbox);
      return;
    }
    const end = (): void => {
      const at = this.#idle.findIndex((each) => each.process === sandbox);
      if (at >= 0) this.#idle.splice(at, 1);
      void this.#end(sandbox);
    };
    const keepNoLonger = this.#clock.setTimeout(end, this.#idleTimeoutMs, { unref: true });
    this.#idle.push({ process: sandbox, keepNoLonger });
  }

  async #end(sandbox: SandboxProcess): Promise<void> {
    await sandbox.kill();
    this.#processes.delete(sandbox);
  }
}

function moduleUrl(module: string | URL): string {
  const url = String(module);
  if (URL.canParse(url) && url.startsWith("file:")) return url;
  throw new TypeError(
    `module must be a URL of a file, such as new URL("work.js", import.meta.url); got ${JSON.stringify(url)}`,
  );
}
