import type { Managed } from "@infra/interfaces";

import type { Binding } from "./binding.js";

/** Something that a container made, and that wants to be started, stopped or disposed. */
export class Living {
  readonly binding: Binding;
  readonly #instance: unknown;
  #service: Managed | undefined;
  #disposed = false;
  #ending: Promise<void> | undefined;

  constructor(binding: Binding, instance: unknown) {
    this.binding = binding;
    this.#instance = instance;
  }

  /** What a lifecycle sees: the instance itself if it can be stopped, else one that disposes it. */
  get service(): Managed {
    this.#service ??= this.#asService();
    return this.#service;
  }

  /**
   * Stops or disposes the instance, once, and returns what is to be waited for. The signal is asked for only by an
   * instance that understands it.
   */
  dispose(signal: () => AbortSignal | undefined): Promise<void> | undefined {
    if (this.#disposed) return this.#ending;
    this.#disposed = true;
    const { disposal } = this.binding;
    const ending =
      typeof disposal === "function" ? disposal(this.#instance) : disposeOf(this.#instance, signal);
    if (isThenable(ending)) this.#ending = (async () => void (await ending))();
    return this.#ending;
  }

  #asService(): Managed {
    const { binding } = this;
    const instance = this.#instance;
    if (binding.disposal === undefined && isManaged(instance) && has(instance, "stop")) {
      return instance;
    }
    return {
      ...(has(instance, "start") && {
        start: async (context) => void (await instance.start(context)),
      }),
      ...(has(instance, "health") && {
        health: () => instance.health() as ReturnType<NonNullable<Managed["health"]>>,
      }),
      stop: async (context) => this.dispose(() => context?.signal),
    };
  }
}

/** Whether a value (an instance or a prototype) has methods that a lifecycle calls, or a way to dispose it. */
export function hasLife(value: unknown): boolean {
  return (
    isManaged(value) ||
    has(value, Symbol.asyncDispose) ||
    has(value, Symbol.dispose) ||
    has(value, "dispose")
  );
}

/** Whether an instance is to be kept for its end: not a value that somebody else owns. */
export function wantsToLive({ disposal, source }: Binding, instance: unknown): boolean {
  if (disposal !== undefined) return true;
  return source.kind !== "value" && source.kind !== "alias" && hasLife(instance);
}

function isManaged(value: unknown): value is Managed {
  return has(value, "stop") || has(value, "start") || has(value, "health");
}

/** Calls the first of its ways that an object has: `dispose` is tsyringe's. */
function disposeOf(instance: unknown, signal: () => AbortSignal | undefined): unknown {
  if (has(instance, "stop")) {
    const given = signal();
    return instance.stop(given && { signal: given });
  }
  if (has(instance, Symbol.asyncDispose)) return instance[Symbol.asyncDispose]();
  if (has(instance, Symbol.dispose)) return instance[Symbol.dispose]();
  return has(instance, "dispose") ? instance.dispose() : undefined;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return has(value, "then");
}

function has<K extends string | symbol>(
  value: unknown,
  name: K,
): value is Record<K, (...args: unknown[]) => unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as Record<K, unknown>)[name] === "function"
  );
}
