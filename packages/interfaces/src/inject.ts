import type { ConfigSection, SectionShape } from "./section.js";
import type { Token } from "./token.js";

/** A class that can be constructed by a container. */
export type Constructor<T = unknown> = new (...args: never[]) => T;

/** What can be asked for: a token or a class. */
export type Injectable<T> = Token<T> | Constructor<T>;

/** An entry that becomes `undefined` when nothing is bound. */
export interface OptionalEntry<T> {
  readonly kind: "optional";
  readonly of: Injectable<T>;
}

/** An entry that is resolved when it is first called: the way out of a true cycle. */
export interface LazyEntry<T> {
  readonly kind: "lazy";
  readonly of: () => Injectable<T>;
}

/** An entry that stands for a package's section of the configuration. */
export interface SectionEntry<S extends SectionShape = SectionShape> {
  readonly kind: "section";
  readonly section: ConfigSection<S>;
}

/** Asks for something that may be missing. */
export function optional<T>(of: Injectable<T>): OptionalEntry<T> {
  return { kind: "optional", of };
}

/** Asks for a function that resolves the dependency when it is called: `lazy(() => OtherService)`. */
export function lazy<T>(of: () => Injectable<T>): LazyEntry<T> {
  return { kind: "lazy", of };
}

/** Asks for a section of the bound configuration, or its defaults where no configuration is bound. */
export function section<S extends SectionShape>(of: ConfigSection<S>): SectionEntry<S> {
  return { kind: "section", section: of };
}

/** The entries that give a collaborator of type `T`. */
export type InjectEntry<T> =
  | ([undefined] extends [T] ? OptionalEntry<NonNullable<T>> : never)
  | ([NonNullable<T>] extends [() => infer R] ? LazyEntry<R> : never)
  | Injectable<NonNullable<T>>;

type CollaboratorEntries<D> = {
  readonly [K in keyof D as undefined extends D[K] ? never : K]: InjectEntry<D[K]>;
} & {
  readonly [K in keyof D as undefined extends D[K] ? K : never]?: InjectEntry<D[K]>;
};

type OptionsEntry<O> = {
  /** Where the first argument of the constructor comes from. */
  readonly options:
    | Injectable<O>
    | OptionalEntry<O>
    | {
        readonly kind: "section";
        readonly section: { readonly name: string; defaults(): O };
      };
};

/**
 * The type of a class's `static inject`: one entry per collaborator, named as in the constructor's `deps`, and `options`
 * for the first argument. A constructor with two parameters takes `(options, deps)`; one with a single parameter takes
 * its options if `inject` has an entry `options`, its collaborators otherwise.
 */
export type Inject<C extends abstract new (...args: never[]) => unknown> =
  Required<ConstructorParameters<C>> extends infer P extends readonly unknown[]
    ? P["length"] extends 0
      ? Readonly<Record<string, never>>
      : P["length"] extends 1
        ? OptionsEntry<P[0]> | CollaboratorEntries<P[0]>
        : OptionsEntry<P[0]> & CollaboratorEntries<P[1]>
    : never;
