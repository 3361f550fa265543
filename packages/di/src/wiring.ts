import "reflect-metadata";
import { inspect } from "node:util";

import type { ConfigSection, Injectable } from "@infra/interfaces";

import { isToken, keyOf, type AnyClass, type Key } from "./key.js";

/** Where one argument of a constructor, or one collaborator, comes from. */
export type Entry =
  | { readonly kind: "one"; readonly key: Key; readonly optional?: boolean }
  | { readonly kind: "all"; readonly key: Key; readonly optional?: boolean }
  | { readonly kind: "lazy"; readonly of: () => Injectable<unknown> }
  | { readonly kind: "delayed"; readonly by: Delayed }
  | { readonly kind: "section"; readonly section: ConfigSection }
  | {
      readonly kind: "transform";
      readonly of: Entry;
      readonly by: Key;
      readonly args: readonly unknown[];
    };

/** What tsyringe's `delay(() => Class)` makes. */
export interface Delayed {
  createProxy(resolve: (target: AnyClass) => unknown): unknown;
}

/** How the instances of a class are made. */
export interface Wiring {
  /** `named`: `(options, deps)` or `(deps)`, by `static inject`. `positional`: by decorators. `none`: no arguments. */
  readonly shape: "named" | "positional" | "none";
  /** The entry `options` of `static inject`. */
  readonly options?: Entry;
  readonly parameters: readonly { readonly name: string; readonly entry: Entry }[];
}

const paramTypes = "design:paramtypes";
const injectionTokens = "injectionTokens";
/** What a parameter's type becomes when it is an interface, a union or a primitive. */
const builtIns = new Set<unknown>([Object, String, Number, Boolean, Array, Function, Promise]);

const known = new WeakMap<AnyClass, Wiring>();

/**
 * How a class says that it is to be made; `undefined` when it has constructor parameters and says nothing.
 *
 * @throws TypeError when an entry is neither a token, a class, `optional`, `lazy` nor `section`.
 */
export function wiringOf(target: AnyClass): Wiring | undefined {
  let wiring = known.get(target);
  if (!wiring) {
    wiring =
      stated(target) ?? (target.length === 0 ? { shape: "none", parameters: [] } : undefined);
    if (wiring) known.set(target, wiring);
  }
  return wiring;
}

/** What the class says, or the nearest of its parents that says something. */
function stated(target: AnyClass): Wiring | undefined {
  for (
    let at = target;
    typeof at === "function" && at !== Function.prototype;
    at = Object.getPrototypeOf(at) as AnyClass
  ) {
    if (Object.hasOwn(at, "inject")) return byInject(at, (at as { inject?: unknown }).inject);
    if (Reflect.hasOwnMetadata(paramTypes, at) || Reflect.hasOwnMetadata(injectionTokens, at)) {
      return byDecorators(at);
    }
  }
  return undefined;
}

function byInject(target: AnyClass, inject: unknown): Wiring {
  if (typeof inject !== "object" || inject === null) {
    throw new TypeError(`${target.name}.inject must be an object, got ${inspect(inject)}`);
  }
  const entries = Object.entries(inject).map(([name, value]) => ({
    name,
    entry: toEntry(value, `${target.name}.inject.${name}`),
  }));
  const options = entries.find(({ name }) => name === "options")?.entry;
  return {
    shape: "named",
    ...(options && { options }),
    parameters: entries.filter(({ name }) => name !== "options"),
  };
}

function toEntry(value: unknown, argument: string): Entry {
  if (typeof value === "object" && value !== null && "kind" in value) {
    const entry = value as { kind: unknown; of: unknown; section: ConfigSection };
    if (entry.kind === "optional") {
      return {
        kind: "one",
        key: keyOf(entry.of as Injectable<unknown>, argument),
        optional: true,
      };
    }
    if (entry.kind === "lazy") return { kind: "lazy", of: entry.of as () => Injectable<unknown> };
    if (entry.kind === "section") return { kind: "section", section: entry.section };
  }
  return { kind: "one", key: keyOf(value as Injectable<unknown>, argument) };
}

/** What `@injectable()` and `@inject()` left behind: tsyringe reads the same metadata, in the same way. */
function byDecorators(target: AnyClass): Wiring {
  const params = [...((Reflect.getOwnMetadata(paramTypes, target) as unknown[] | undefined) ?? [])];
  const named = Reflect.getOwnMetadata(injectionTokens, target) as object | undefined;
  for (const [at, value] of Object.entries(named ?? {})) params[Number(at)] = value;
  // what has a default value and no class to be made of is left to its default
  while (params.length > target.length && isNoClass(params.at(-1))) params.pop();
  return {
    shape: "positional",
    parameters: params.map((value, at) => ({
      name: `#${at}`,
      entry: decorated(value, `constructor parameter ${at} of ${target.name}`),
    })),
  };
}

function decorated(value: unknown, argument: string): Entry {
  if (builtIns.has(value)) {
    throw new TypeError(`${argument} is no class that can be made: it needs @inject(token)`);
  }
  if (typeof value === "function") return { kind: "one", key: value as AnyClass };
  if (typeof value === "string" || typeof value === "symbol") return { kind: "one", key: value };
  if (isDelayed(value)) return { kind: "delayed", by: value };
  if (typeof value === "object" && value !== null && "token" in value) {
    const { token, multiple, isOptional, transform, transformArgs } = value as {
      token: unknown;
      multiple?: boolean;
      isOptional?: boolean;
      transform?: AnyClass;
      transformArgs?: readonly unknown[];
    };
    const one = decorated(isToken(token) ? token.id : token, argument);
    // an unregistered class is made even where it is optional, as tsyringe does
    const optional = isOptional === true && one.kind === "one" && typeof one.key !== "function";
    const of: Entry =
      one.kind === "one" ? { kind: multiple ? "all" : "one", key: one.key, optional } : one;
    return transform ? { kind: "transform", of, by: transform, args: transformArgs ?? [] } : of;
  }
  throw new TypeError(
    `${argument} must be a class, or have @inject(token), got ${inspect(value, { depth: 0 })}: modules that import each other need delay(() => …)`,
  );
}

function isNoClass(type: unknown): boolean {
  return type === undefined || builtIns.has(type);
}

/** Whether a value was made by tsyringe's `delay`. */
export function isDelayed(value: unknown): value is Delayed {
  return (
    typeof value === "object" &&
    value !== null &&
    "createProxy" in value &&
    typeof value.createProxy === "function"
  );
}
