import { tokens, type Clock } from "@infra/interfaces";

import { DuplicateNameError, HookTimeoutError } from "./errors.js";
import { GaveUp, pause, waitUntil } from "./gave-up.js";
import type { RegisteredStartupHook } from "./hooks.js";
import type { ServiceNode } from "./services.js";
import type { Step } from "./step.js";

/**
 * The steps of a start: services after what they were wired to, hooks after what they name. The server comes last,
 * unless a hook waits for it.
 *
 * @throws DuplicateNameError
 */
export function startSteps(
  services: readonly ServiceNode[],
  hooks: readonly RegisteredStartupHook[],
  hookTimeoutMs: number,
  clock: Clock,
): Step[] {
  const names = new Set(services.map(({ name }) => name));
  const twice = hooks.find(({ name }) => names.has(name));
  if (twice) {
    throw new DuplicateNameError(
      `a startup hook and a managed service are both called ${twice.name}: the service is started without a hook`,
      { details: { name: twice.name } },
    );
  }
  const held = (name: string): string[] =>
    hooks.filter(({ before }) => before.includes(name)).map((hook) => hook.name);
  const steps: Step[] = [
    ...services.map(({ name, service, dependencies, after = [] }) => ({
      name,
      kind: "service" as const,
      // what it was wired to may have no step of its own: it was started elsewhere
      after: [...dependencies.filter((one) => names.has(one)), ...after, ...held(name)],
      ...(!service.start && { silent: true }),
      run: (signal: AbortSignal) =>
        inTime(clock, name, hookTimeoutMs, signal, (context) => service.start?.(context)),
    })),
    ...hooks.map((hook) => ({
      name: hook.name,
      kind: "hook" as const,
      after: [...hook.after, ...held(hook.name)],
      optional: !hook.critical,
      run: (signal: AbortSignal) => attempts(clock, hook, hookTimeoutMs, signal),
    })),
  ];
  return serverLast(steps);
}

function serverLast(steps: readonly Step[]): Step[] {
  const server = steps.find(({ name, kind }) => kind === "service" && name === tokens.server.name);
  if (!server) return [...steps];
  const behind = new Set([server.name]);
  for (let size = 0; size !== behind.size;) {
    size = behind.size;
    for (const { name, after } of steps) if (after.some((one) => behind.has(one))) behind.add(name);
  }
  const before = steps.filter(({ name }) => !behind.has(name)).map(({ name }) => name);
  const last = { ...server, after: [...new Set([...server.after, ...before])] };
  return steps.map((step) => (step === server ? last : step));
}

async function attempts(
  clock: Clock,
  hook: RegisteredStartupHook,
  hookTimeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await inTime(clock, hook.name, hook.timeoutMs ?? hookTimeoutMs, signal, hook.run);
      return;
    } catch (error) {
      if (attempt >= hook.retries || signal.aborted) throw error;
    }
    await pause(clock, hook.backoffMs * 2 ** attempt, signal);
  }
}

/** Runs one attempt with a signal of its own; a start that was called off is not waited for. */
async function inTime(
  clock: Clock,
  name: string,
  timeoutMs: number,
  signal: AbortSignal,
  run: (context: { signal: AbortSignal }) => unknown,
): Promise<void> {
  signal.throwIfAborted();
  const late = new AbortController();
  await waitUntil(
    (async () => void (await run({ signal: AbortSignal.any([signal, late.signal]) })))(),
    (reject) => {
      const cancel =
        timeoutMs === Infinity
          ? () => {}
          : clock.setTimeout(() => {
              const error = new HookTimeoutError(`${name} did not start within ${timeoutMs} ms`, {
                details: { name, timeoutMs },
              });
              late.abort(error);
              reject(error);
            }, timeoutMs);
      const calledOff = (): void =>
        reject(
          new GaveUp(`called off: ${(signal.reason as Error).message}`, { cause: signal.reason }),
        );
      signal.addEventListener("abort", calledOff, { once: true });
      return () => {
        cancel();
        signal.removeEventListener("abort", calledOff);
      };
    },
  );
}
