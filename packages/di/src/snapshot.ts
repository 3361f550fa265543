import type { Scope } from "./scope.js";

/** What `snapshot()` remembers; only `restore` of the same container understands it. */
export class ContainerSnapshot {
  readonly #scope: Scope;
  readonly #putBack: () => void;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#putBack = scope.ownTable.save();
  }

  /** @throws TypeError when the snapshot is of another container. */
  restore(scope: Scope): void {
    if (scope !== this.#scope) {
      throw new TypeError("restore: snapshot is of another container");
    }
    this.#putBack();
  }
}
