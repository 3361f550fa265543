import { ForbiddenError, UnauthenticatedError } from "@infra/errors";
import {
  tokens,
  type Authorizer,
  type Decision,
  type Principal,
  type Token,
} from "@infra/interfaces";

import {
  conditionOf,
  concerns,
  covers,
  isPattern,
  readRule,
  type AccessRule,
  type ReadRule,
} from "./access-rule.js";
import { allOf, always, anyOf, matches, never, not, type Condition } from "./condition.js";

/** What a role may do: actions, and what other roles may. */
export type RoleActions =
  | readonly string[]
  | { readonly can: readonly string[]; readonly inherits?: readonly string[] | undefined };

/** Options of {@link AccessPolicy}. */
export interface AccessPolicyOptions {
  /** What each role may do, to every resource. @default {} */
  readonly roles?: Readonly<Record<string, RoleActions>> | undefined;
  /** What depends on the resource, or is denied whoever asks. @default [] */
  readonly rules?: readonly AccessRule[] | undefined;
}

/** A rule, and what came of it. */
export interface ExplainedRule {
  /** `role editor`, `rules[2] deny notes.delete`, `abilities`. */
  readonly rule: string;
  readonly effect: "allow" | "deny";
  /** Whether it holds for this resource; `undefined`: that takes a resource to tell. */
  readonly holds: boolean | undefined;
}

/** Why somebody may do something or not. */
export interface Explanation extends Decision {
  /** The rules that speak of it. */
  readonly rules: readonly ExplainedRule[];
}

/**
 * Who may do what: roles, and rules over resources. What no rule allows is denied, and what one denies is denied whatever
 * allows it. Rules are data, so that one can be asked of a resource, explained, and turned into a condition of a query.
 */
export class AccessPolicy implements Authorizer {
  static readonly provides: Token<Authorizer> = tokens.authorizer;

  readonly #roles: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #grants: ReadonlyMap<string, readonly string[]>;
  readonly #rules: readonly ReadRule[];

  /** @throws TypeError for a role that inherits from one that is not there or from itself, or an action that is none. */
  constructor({ roles = {}, rules = [] }: AccessPolicyOptions = {}) {
    const entries = Object.entries(roles).map(([name, role]) => {
      const { can, inherits = [] } = "can" in role ? role : { can: role };
      const odd = can.find((action) => !isPattern(action));
      if (odd !== undefined) {
        throw new TypeError(`roles.${name} has an action that is none: ${JSON.stringify(odd)}`);
      }
      return [name, { can, inherits }] as const;
    });
    const known = new Map(entries);
    this.#grants = new Map(entries.map(([name, { can }]) => [name, can]));
    this.#roles = new Map(entries.map(([name]) => [name, inherited(name, known)]));
    this.#rules = rules.map((rule, at) => readRule(rule, at));
  }

  async decide(
    principal: Principal | undefined,
    action: string,
    resource?: unknown,
  ): Promise<Decision> {
    const { allowed, reason } = this.explain(principal, action, resource);
    return allowed ? { allowed } : { allowed, reason };
  }

  /** Whether somebody may. Without a resource, a rule that depends on one allows nothing and denies nothing. */
  can(principal: Principal | undefined, action: string, resource?: unknown): boolean {
    return this.explain(principal, action, resource).allowed;
  }

  /** @throws UnauthenticatedError when nobody is logged in, ForbiddenError with the reason. */
  authorize(principal: Principal | undefined, action: string, resource?: unknown): void {
    const { allowed, reason } = this.explain(principal, action, resource);
    if (allowed) return;
    if (!principal) throw new UnauthenticatedError("a credential is required");
    throw new ForbiddenError(reason ?? `not allowed: ${action}`, { details: { action } });
  }

  /** Every rule that speaks of it, and what comes of them. */
  explain(principal: Principal | undefined, action: string, resource?: unknown): Explanation {
    checkAction(action);
    const rules: ExplainedRule[] = [];
    let denied: ReadRule | undefined;
    let isAllowed = false;
    for (const { rule, condition } of this.#concerned(principal, action)) {
      const { name, effect } = rule;
      const holds = condition && holdsFor(condition, resource);
      rules.push({ rule: name, effect, holds });
      if (holds && effect === "deny") denied ??= rule;
      if (holds && effect === "allow") isAllowed = true;
    }
    const isAble = ableTo(principal, action);
    if (!isAble) rules.push({ rule: "abilities", effect: "deny", holds: true });
    if (isAllowed && isAble && !denied) return { allowed: true, rules };
    const reason = denied?.because ?? (isAble ? refusal(action) : "this key may not do that");
    return { allowed: false, reason, rules };
  }

  /**
   * Which fields of a resource somebody may do something to: `undefined` for all, empty for none. A rule without `fields`
   * speaks of all of them.
   */
  fields(
    principal: Principal | undefined,
    action: string,
    resource?: unknown,
  ): readonly string[] | undefined {
    if (!this.can(principal, action, resource)) return [];
    const holding = this.#concerned(principal, action).filter(
      ({ rule, condition }) =>
        rule.effect === "allow" && condition && holdsFor(condition, resource),
    );
    if (holding.some(({ rule }) => rule.fields === undefined)) return undefined;
    return [...new Set(holding.flatMap(({ rule }) => rule.fields ?? []))];
  }

  /** The fields of `changes` that somebody may not change. */
  forbiddenFields(
    principal: Principal | undefined,
    action: string,
    resource: unknown,
    changes: object,
  ): readonly string[] {
    const allowed = this.fields(principal, action, resource);
    return allowed ? Object.keys(changes).filter((name) => !allowed.includes(name)) : [];
  }

  /** Of which resources somebody may do something: for a query, with `conditionToSql`. */
  condition(principal: Principal | undefined, action: string): Condition {
    checkAction(action);
    if (!ableTo(principal, action)) return never;
    const concerned = this.#concerned(principal, action);
    const of = (effect: "allow" | "deny"): Condition[] =>
      concerned
        .filter(({ rule }) => rule.effect === effect)
        .map(({ condition }) => condition ?? never);
    return allOf([anyOf(of("allow")), not(anyOf(of("deny")))]);
  }

  #concerned(
    principal: Principal | undefined,
    action: string,
  ): readonly { readonly rule: ReadRule; readonly condition: Condition | undefined }[] {
    const roles = new Set(
      principal?.roles.flatMap((role) => [role, ...(this.#roles.get(role) ?? [])]),
    );
    const granting = [...roles].filter((role) =>
      this.#grants.get(role)?.some((pattern) => covers(pattern, action)),
    );
    return [
      ...granting.map((role) => ({ rule: roleRule(role), condition: always })),
      ...this.#rules
        .filter((rule) => concerns(rule, action, principal, roles))
        .map((rule) => ({ rule, condition: conditionOf(rule, principal) })),
    ];
  }
}

/** What the abilities of a key leave: never more than its owner may, perhaps less. */
function ableTo(principal: Principal | undefined, action: string): boolean {
  return principal?.abilities?.some((pattern) => covers(pattern, action)) ?? true;
}

/** Whether a rule holds; `undefined` when it takes a resource to tell, and there is none. */
function holdsFor(condition: Condition, resource: unknown): boolean | undefined {
  if (condition.kind === "always") return true;
  return resource === undefined ? undefined : matches(condition, resource);
}

function roleRule(role: string): ReadRule {
  return {
    effect: "allow",
    actions: [],
    to: "users",
    where: undefined,
    fields: undefined,
    because: undefined,
    name: `role ${role}`,
  };
}

function inherited(
  name: string,
  roles: ReadonlyMap<string, { readonly inherits: readonly string[] }>,
  path: readonly string[] = [],
): ReadonlySet<string> {
  if (path.includes(name)) {
    throw new TypeError(`roles must not inherit in a circle: ${[...path, name].join(" > ")}`);
  }
  const role = roles.get(name);
  if (!role) throw new TypeError(`roles.${path.at(-1)} inherits from ${name}, which is no role`);
  const next = [...path, name];
  const found = new Set(role.inherits);
  for (const each of role.inherits) {
    for (const further of inherited(each, roles, next)) found.add(further);
  }
  return found;
}

function refusal(action: string): string {
  return `not allowed: ${action}`;
}

function checkAction(action: unknown): void {
  if (isPattern(action) && !action.includes("*")) return;
  throw new TypeError(`action must be like "notes.read", got ${JSON.stringify(action)}`);
}
