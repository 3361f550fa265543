import type { Binding } from "./binding.js";
import { CaptiveDependencyError, CircularDependencyError } from "./errors.js";
import { keyOf, namedKey, nameOf, type Bindable, type Key } from "./key.js";
import type { GetOptions, Resolver } from "./resolver.js";
import type { Scope } from "./scope.js";

/** What a factory resolves with: remembers what it asked for, since no declaration says it. */
export class FactoryResolver implements Resolver {
  readonly #scope: Scope;
  readonly #binding: Binding;
  /** The asynchronous factories that wait for this one. */
  readonly #waiting: readonly Binding[];

  constructor(scope: Scope, binding: Binding, waiting: readonly Binding[] = []) {
    this.#scope = scope;
    this.#binding = binding;
    this.#waiting = waiting;
  }

  get<T>(what: Bindable<T>, options?: GetOptions): T {
    return running(this.#binding, () => this.#scope.resolve(this.#note(what, options)) as T);
  }

  async getAsync<T>(what: Bindable<T>, options?: GetOptions): Promise<T> {
    const key = this.#note(what, options);
    return (await this.#scope.resolveAsync(key, [...this.#waiting, this.#binding])) as T;
  }

  getAll<T>(what: Bindable<T>): T[] {
    return running(this.#binding, () => this.#scope.resolveAll(this.#note(what)) as T[]);
  }

  isBound(what: Bindable<unknown>, options?: GetOptions): boolean {
    return this.#scope.container.isBound(what, options);
  }

  #note(what: Bindable<unknown>, options?: GetOptions): Key {
    const key = keyOf(what, "get: what");
    const wanted = options?.name === undefined ? key : namedKey(key, options.name);
    (this.#binding.seen ??= new Set()).add(wanted);
    const { scope, name } = this.#binding;
    // what asks may itself be transient, and be made for a singleton
    const kept = scope === "singleton" || this.#scope.making > 0;
    if (kept && !this.#scope.parent && this.#scope.reachesScoped(wanted)) {
      const path = [name, nameOf(wanted)];
      throw new CaptiveDependencyError(
        `a singleton would keep the scoped ${nameOf(wanted)} beyond its scope; take lazy(() => …) instead (${path.join(" → ")})`,
        { details: { path } },
      );
    }
    return wanted;
  }
}

const stack: Binding[] = [];

/** Runs what a factory asks for: a factory that comes to ask for itself would never end. */
function running<T>(binding: Binding, ask: () => T): T {
  if (stack.includes(binding)) {
    const path = [...stack.slice(stack.indexOf(binding)), binding].map(({ name }) => name);
    throw new CircularDependencyError(`a circle of factories (${path.join(" → ")})`, {
      details: { path },
    });
  }
  stack.push(binding);
  try {
    return ask();
  } finally {
    stack.pop();
  }
}
