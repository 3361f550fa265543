import type { Principal } from "@infra/interfaces";

import { always, type Condition, type FieldTests } from "./condition.js";

/** What a rule says of a resource: its fields, or what they have to be for somebody. */
export type ResourceTests = FieldTests | ((principal: Principal) => FieldTests);

/** One rule of an {@link AccessPolicy}. */
export interface AccessRule {
  /** Actions that it allows; `notes.*` are all that begin with `notes.`, `*` is all. */
  readonly allow?: string | readonly string[] | undefined;
  /** Actions that it denies, whatever else allows them. */
  readonly deny?: string | readonly string[] | undefined;
  /** For whom: roles, `"anyone"` for those too who are not logged in. @default everybody who is logged in */
  readonly to?: "anyone" | readonly string[] | undefined;
  /** For which resources. @default all */
  readonly where?: ResourceTests | undefined;
  /** For which fields of them. @default all */
  readonly fields?: readonly string[] | undefined;
  /** Why, of a rule that denies, in words that the client may read. */
  readonly because?: string | undefined;
}

/** A rule, read. */
export interface ReadRule {
  readonly effect: "allow" | "deny";
  readonly actions: readonly string[];
  readonly to: "anyone" | "users" | ReadonlySet<string>;
  readonly where: ResourceTests | undefined;
  readonly fields: readonly string[] | undefined;
  readonly because: string | undefined;
  readonly name: string;
}

/** @throws TypeError for a rule that both allows and denies, or neither, that denies fields, or has an action that is none. */
export function readRule(rule: AccessRule, at: number): ReadRule {
  const { allow, deny, to, where, fields, because } = rule;
  if ((allow === undefined) === (deny === undefined)) {
    throw new TypeError(`rules[${at}] must have either allow or deny`);
  }
  if (deny !== undefined && fields !== undefined) {
    throw new TypeError(`rules[${at}] denies, and can't have fields: allow the others instead`);
  }
  const effect = allow === undefined ? "deny" : "allow";
  const actions = [allow ?? deny ?? []].flat();
  const odd = actions.find((action) => !isPattern(action));
  if (odd !== undefined || actions.length === 0) {
    throw new TypeError(
      `rules[${at}].${effect} must be actions such as "notes.read", "notes.*" or "*", got ${JSON.stringify(odd)}`,
    );
  }
  return {
    effect,
    actions,
    to: to === undefined ? "users" : to === "anyone" ? to : new Set(to),
    where,
    fields,
    because,
    name: `rules[${at}] ${effect} ${actions.join(", ")}`,
  };
}

/** Whether text names an action, or all that begin with something. */
export function isPattern(value: unknown): value is string {
  return typeof value === "string" && (value === "*" || /^[\w:-]+(\.[\w:-]+)*(\.\*)?$/.test(value));
}

/** Whether a pattern names this action. */
export function covers(pattern: string, action: string): boolean {
  if (pattern === "*" || pattern === action) return true;
  return pattern.endsWith(".*") && action.startsWith(pattern.slice(0, -1));
}

/** Whether a rule speaks of this action and these roles at all. */
export function concerns(
  { actions, to }: ReadRule,
  action: string,
  principal: Principal | undefined,
  roles: ReadonlySet<string>,
): boolean {
  if (!actions.some((pattern) => covers(pattern, action))) return false;
  if (to === "anyone") return true;
  if (!principal) return false;
  return to === "users" || [...to].some((role) => roles.has(role));
}

/**
 * For which resources a rule holds, for somebody; `undefined`: for none, because that depends on who it is, and nobody is
 * there. A rule that denies holds then for all.
 */
export function conditionOf(
  { where, effect }: ReadRule,
  principal: Principal | undefined,
): Condition | undefined {
  if (where === undefined) return always;
  if (typeof where !== "function") return { kind: "fields", fields: where };
  if (principal) return { kind: "fields", fields: where(principal) };
  return effect === "deny" ? always : undefined;
}
