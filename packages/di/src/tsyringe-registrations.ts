import type { AnyClass, Key } from "./key.js";
import type { DependencyContainer, InjectionToken } from "./tsyringe.js";

/** One entry of a tsyringe container's table. */
export interface Registration {
  readonly provider: {
    readonly useClass?: AnyClass;
    readonly useValue?: unknown;
    readonly useToken?: unknown;
    readonly useFactory?: (container: DependencyContainer) => unknown;
  };
  /** 0 transient, 1 singleton, 2 resolution scoped, 3 container scoped. */
  readonly options: { readonly lifecycle: 0 | 1 | 2 | 3 };
  /** The singleton, once tsyringe or we have made it. */
  instance?: unknown;
}

const registry = "_registry";

/** tsyringe has no public way to read its table; a test holds this shape against the installed version. */
interface Internals {
  readonly parent?: Internals;
  readonly [registry]: { has(key: unknown): boolean; getAll(key: unknown): Registration[] };
}

const mirrors = new WeakSet<object>();
const watched = new WeakSet<object>();

/** Goes up when somebody registers with tsyringe itself: what was planned before is out of date then. */
export let generation = 0;

/** Notices what others register with a tsyringe container. */
export function watch(container: DependencyContainer): void {
  if (watched.has(container)) return;
  watched.add(container);
  for (const method of ["register", "reset", "clearInstances"] as const) {
    const original = container[method] as (...args: unknown[]) => unknown;
    Object.defineProperty(container, method, {
      configurable: true,
      value(...args: unknown[]) {
        generation += 1;
        return original.apply(container, args);
      },
    });
  }
}

/** Lets what tsyringe makes find what is bound here: `make` is told which tsyringe container asks. */
export function mirror(
  container: DependencyContainer,
  key: Key,
  make: (asking: DependencyContainer) => unknown,
): void {
  mirrors.add(make);
  const before = generation;
  container.register(key as InjectionToken, { useFactory: make });
  generation = before;
}

/** The registration that tsyringe would use, apart from our own mirrors, and the container that has it. */
export function findRegistration(
  container: DependencyContainer,
  key: unknown,
): { registration: Registration; owner: DependencyContainer } | undefined {
  for (let at: Internals | undefined = container as unknown as Internals; at; at = at.parent) {
    if (!at[registry].has(key)) continue;
    const registration = at[registry]
      .getAll(key)
      .findLast(({ provider }) => !provider.useFactory || !mirrors.has(provider.useFactory));
    if (registration) return { registration, owner: at as unknown as DependencyContainer };
  }
  return undefined;
}
