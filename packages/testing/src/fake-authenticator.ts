import type { Authenticator, Credential, Principal } from "@infra/interfaces";

/**
 * Knows the people that a test names: `principals.actingAs({ id: "ada" })` gives the headers that a request of hers has.
 */
export class FakeAuthenticator implements Authenticator {
  readonly #principals = new Map<string, Principal>();
  #last = 0;

  async authenticate(
    { value }: Credential,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Principal | undefined> {
    signal?.throwIfAborted();
    return this.#principals.get(value);
  }

  /** Headers with a bearer token that belongs to somebody. */
  actingAs(principal: Partial<Principal> & { readonly id: string }): {
    readonly authorization: string;
  } {
    this.#last += 1;
    const token = `fake-${this.#last}`;
    this.#principals.set(token, { roles: [], credentialId: token, ...principal });
    return { authorization: `Bearer ${token}` };
  }

  /** From now on nobody's: as if all had been logged out. */
  forget(): void {
    this.#principals.clear();
  }
}
