import type { Authorizer, Decision, Principal } from "@infra/interfaces";

type Rule = (principal: Principal, resource: unknown) => boolean;

/** Denies all but what a test allows: `authorizer.allow("note.edit", ({ id }) => id === "ada")`. */
export class FakeAuthorizer implements Authorizer {
  readonly #rules = new Map<string, Rule[]>();

  /** Allows an action to everybody who is known, or to those for whom `to` is true. */
  allow(
    action: string,
    to: (principal: Principal, resource: unknown) => boolean = () => true,
  ): void {
    this.#rules.set(action, [...(this.#rules.get(action) ?? []), to]);
  }

  /** From now on nothing is allowed. */
  clear(): void {
    this.#rules.clear();
  }

  async decide(
    principal: Principal | undefined,
    action: string,
    resource?: unknown,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Decision> {
    signal?.throwIfAborted();
    const rules = this.#rules.get(action) ?? [];
    if (principal !== undefined && rules.some((rule) => rule(principal, resource))) {
      return { allowed: true };
    }
    return { allowed: false, reason: `no test allows ${action}` };
  }
}
