import { setMaxListeners } from "node:events";
import { inspect } from "node:util";

import { CancelledError, toError } from "@infra/errors";
import {
  optional,
  section,
  silentLogger,
  systemClock,
  tokens,
  type Clock,
  type ErrorReporter,
  type HealthSummary,
  type Inject,
  type Lifecycle,
  type LifecycleReport,
  type LifecycleState,
  type Logger,
  type Managed,
  type ProbeKind,
  type ServiceContainer,
  type Token,
} from "@infra/interfaces";

import { lifecycleConfig } from "./config.js";
import { LifecycleStateError, StartupError } from "./errors.js";
import { Exit } from "./exit.js";
import { HealthChecks, type HealthCheck, type HealthCheckOptions } from "./health-checks.js";
import {
  shutdownHook,
  startupHook,
  type RegisteredShutdownHook,
  type RegisteredStartupHook,
  type ShutdownHook,
  type ShutdownHookOptions,
  type StartupHook,
  type StartupHookOptions,
} from "./hooks.js";
import {
  lifecycleSettings,
  type LifecycleDependencies,
  type LifecycleOptions,
  type LifecycleSettings,
} from "./lifecycle-options.js";
import { listenToProcess } from "./process-events.js";
import { formatReport } from "./report.js";
import { runShutdown, type ShutdownResult } from "./run-shutdown.js";
import { runStartup } from "./run-startup.js";
import { Services, type ManageOptions } from "./services.js";
import { checkOrder } from "./step.js";

/**
 * Starts an application in order, answers for its health, and stops it: by a signal, after an uncaught error or when
 * asked to. A shutdown always ends, and says what took how long.
 */
export class ApplicationLifecycle implements Lifecycle {
  static readonly provides: Token<Lifecycle> = tokens.lifecycle;
  static readonly inject: Inject<typeof ApplicationLifecycle> = {
    options: section(lifecycleConfig),
    logger: optional(tokens.logger),
    clock: optional(tokens.clock),
    container: optional(tokens.container),
    errorReporter: optional(tokens.errorReporter),
  };

  readonly #settings: LifecycleSettings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #errorReporter: ErrorReporter | undefined;
  readonly #services = new Services();
  readonly #startupHooks: RegisteredStartupHook[] = [];
  readonly #shutdownHooks: RegisteredShutdownHook[] = [];
  readonly #health: HealthChecks;
  readonly #work = new Map<Promise<unknown>, string>();
  readonly #exit: Exit;
  readonly #start = new AbortController();
  #state: LifecycleState = "idle";
  /** Why it stops. */
  #reason: string | undefined;
  #crashed = false;
  #startup: Promise<void> | undefined;
  #shutdown: Promise<void> | undefined;
  #startReport: LifecycleReport | undefined;
  #stopReport: LifecycleReport | undefined;

  constructor(options: LifecycleOptions = {}, deps: LifecycleDependencies = {}) {
    this.#settings = lifecycleSettings(options);
    this.#clock = deps.clock ?? systemClock;
    this.#logger = (deps.logger ?? silentLogger).child({ category: "lifecycle" });
    this.#errorReporter = deps.errorReporter;
    this.#health = new HealthChecks(this.#clock, this.#settings, this.#services);
    this.#exit = new Exit(this.#settings);
    // every step listens to it: more than ten are no leak
    setMaxListeners(0, this.#start.signal);
    this.#services.connect(this, deps.container);
  }

  get state(): LifecycleState {
    return this.#state;
  }

  get startReport(): LifecycleReport | undefined {
    return this.#startReport;
  }

  /** What happened while stopping; `undefined` before the stop is over. */
  get stopReport(): LifecycleReport | undefined {
    return this.#stopReport;
  }

  /**
   * Registers something to do at startup, after the hooks and services that `deps` names, at once with whatever waits
   * for nothing more.
   */
  registerStartupHook(
    name: string,
    fn: StartupHook,
    deps: readonly string[] = [],
    options: StartupHookOptions = {},
  ): this {
    this.#mustBe("registerStartupHook", ["idle"]);
    this.#startupHooks.push(startupHook(this.#startupHooks, name, fn, deps, options));
    return this;
  }

  /**
   * Registers something to do at shutdown, before any service is stopped, after the shutdown hooks that `deps` names. One
   * with the name of a startup hook is called only if that hook was.
   */
  registerShutdownHook(
    name: string,
    fn: ShutdownHook,
    deps: readonly string[] = [],
    options: ShutdownHookOptions = {},
  ): this {
    this.#mustBe("registerShutdownHook", ["idle", "starting", "ready"]);
    this.#shutdownHooks.push(shutdownHook(this.#shutdownHooks, name, fn, deps, options));
    return this;
  }

  /**
   * Looks after a service, or after every managed service of a container: starts them in the order of their dependencies,
   * asks for their health, stops them in reverse.
   */
  manage(target: Managed | ServiceContainer, options: ManageOptions = {}): this {
    this.#mustBe("manage", ["idle"]);
    this.#services.add(target, options);
    return this;
  }

  /** Adds a health check, or replaces that of the managed service with the same name. */
  registerHealthCheck(name: string, check: HealthCheck, options: HealthCheckOptions = {}): this {
    this.#health.register(name, check, options);
    return this;
  }

  /** Keeps the shutdown from stopping the services until some work is over, within the time that it has. */
  waitFor<T>(work: Promise<T>, name = "work"): Promise<T> {
    this.#work.set(work, name);
    const over = (): void => void this.#work.delete(work);
    work.then(over, over);
    return work;
  }

  /**
   * Verifies the container, then starts services and hooks in order. Signals are obeyed from here on.
   *
   * @throws StartupError with the cause, after what had started was stopped; LifecycleStateError after a shutdown.
   */
  async startup(): Promise<void> {
    if (!this.#startup) {
      this.#mustBe("startup", ["idle"]);
      this.#startup = this.#runStartup();
    }
    await this.#startup;
  }

  shutdown(reason = "shutdown()"): Promise<void> {
    this.#shutdown ??= this.#runShutdown(reason);
    return this.#shutdown;
  }

  probe(kind: ProbeKind): Promise<HealthSummary> {
    return this.#health.probe(kind, this.#state);
  }

  /** Shuts down. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown("disposed");
  }

  async #runStartup(): Promise<void> {
    const { signals, uncaughtErrors, hookTimeoutMs, print } = this.#settings;
    this.#state = "starting";
    this.#exit.listen(
      listenToProcess(signals, uncaughtErrors, {
        signal: (signal) => this.#onSignal(signal),
        error: (error, origin) => this.#onError(error, origin),
      }),
    );
    const { report, errors, failed } = await runStartup({
      clock: this.#clock,
      services: this.#services,
      hooks: this.#startupHooks,
      hookTimeoutMs,
      start: this.#start,
      check: () => {
        this.#services.connect(this);
        this.#services.verify();
        checkOrder(this.#shutdownHooks);
      },
      onDegraded: (name, error) => {
        this.#health.degrade(name, error);
        this.#logger.warn(`${name} failed to start; going on without it`, { error });
      },
    });
    this.#startReport = report;
    print(formatReport(report));
    if (report.ok) {
      this.#state = "ready";
      this.#logger.info("started", { totalMs: report.totalMs });
      return;
    }
    this.#logger.error("failed to start", { error: errors[0] });
    await this.#failStartup(errors, failed);
  }

  async #failStartup(failures: readonly Error[], failed: readonly string[]): Promise<never> {
    const reason = this.#reason ?? "failed to start";
    const first = failures[0] ?? new CancelledError(`the start was called off: ${reason}`);
    const { errors, remainingMs } = await this.#stop(reason, 0);
    this.#state = "failed";
    const all = [...(failures.length > 0 ? failures : [first]), ...errors];
    // a signal that calls off the start has said with which code to end
    if (this.#reason === undefined) this.#exit.require(1);
    this.#exit.finish(remainingMs);
    throw new StartupError(`the application did not start: ${first.message}`, {
      cause: all.length === 1 ? first : new AggregateError(all, `${all.length} errors`),
      details: { failed },
    });
  }

  async #runShutdown(reason: string): Promise<void> {
    this.#reason = reason;
    if (this.#state === "starting") {
      this.#start.abort(new CancelledError(`the start was called off: ${reason}`));
      // it may have come to its end before it heard of that
      await this.#startup!.catch(() => {});
    }
    if (this.#state === "failed") return;
    const { report, remainingMs } = await this.#stop(reason, this.#preStopDelayMs());
    this.#state = "stopped";
    if (!report.ok) this.#exit.worsen();
    this.#exit.finish(remainingMs);
  }

  async #stop(reason: string, delayMs: number): Promise<ShutdownResult> {
    this.#state = "stopping";
    this.#services.connect(this);
    const begun = new Set(
      this.#startReport?.steps
        .filter(({ outcome }) => outcome !== "skipped")
        .map(({ name }) => name),
    );
    const hooks = this.#shutdownHooks.filter(
      ({ name }) => begun.has(name) || !this.#startupHooks.some((other) => other.name === name),
    );
    const result = await runShutdown({
      reason,
      clock: this.#clock,
      logger: this.#logger,
      print: this.#settings.print,
      limitMs: this.#settings.shutdownTimeoutMs,
      drainLimitMs: this.#settings.drainTimeoutMs,
      delayMs,
      hooks,
      work: this.#work,
      services: this.#services,
    });
    this.#stopReport = result.report;
    return result;
  }

  #preStopDelayMs(): number {
    if (this.#state !== "ready" || this.#crashed) return 0;
    return this.#settings.preStopDelayMs ?? (this.#health.watchedWithin(30_000) ? 2000 : 0);
  }

  #onSignal(signal: NodeJS.Signals): void {
    this.#exit.signal(signal);
    void this.shutdown(signal);
  }

  #onError(error: unknown, origin: string): void {
    this.#crashed = true;
    this.#exit.require(1);
    this.#settings.print(`${origin}: ${inspect(error)}`);
    this.#logger.fatal(origin, { error });
    this.#errorReporter?.report(error, { origin });
    void this.shutdown(`${origin}: ${toError(error).message}`);
  }

  #mustBe(method: string, states: readonly LifecycleState[]): void {
    if (states.includes(this.#state)) return;
    throw new LifecycleStateError(`${method}: the lifecycle is ${this.#state} already`, {
      details: { state: this.#state },
    });
  }
}
