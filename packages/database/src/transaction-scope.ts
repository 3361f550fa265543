import { AsyncLocalStorage } from "node:async_hooks";

import type { IsolationLevel } from "@infra/interfaces";
import type { Knex } from "knex";

import { TransactionClosedError } from "./errors.js";

type Callback = () => void | Promise<void>;

/** A transaction, or a savepoint in one, while its work runs. */
export class TransactionScope {
  readonly trx: Knex.Transaction;
  readonly isolation: IsolationLevel | undefined;
  readonly parent: TransactionScope | undefined;
  /** Why this transaction must not be committed. */
  failure: { readonly cause: unknown } | undefined;
  #open = true;
  #committed: Callback[] = [];
  #rolledBack: Callback[] = [];

  constructor(
    trx: Knex.Transaction,
    isolation: IsolationLevel | undefined,
    parent: TransactionScope | undefined,
  ) {
    this.trx = trx;
    this.isolation = isolation;
    this.parent = parent;
  }

  /** Whether statements may still join; a savepoint ends with the transaction around it. */
  get open(): boolean {
    return this.#open && (this.parent?.open ?? true);
  }

  /** The work is over: from here on nothing joins. */
  close(): void {
    this.#open = false;
  }

  afterCommit(callback: Callback): void {
    this.#committed.push(callback);
  }

  afterRollback(callback: Callback): void {
    this.#rolledBack.push(callback);
  }

  /** What is to be called now that the scope was committed; a savepoint leaves it to the transaction around it. */
  committed(): readonly Callback[] {
    if (!this.parent) return this.#committed;
    this.parent.#committed.push(...this.#committed);
    this.parent.#rolledBack.push(...this.#rolledBack);
    return [];
  }

  /** What is to be called now that the scope was rolled back. */
  rolledBack(): readonly Callback[] {
    return this.#rolledBack;
  }
}

/** Which transaction the code that runs now belongs to, for one database. */
export class AmbientTransaction {
  readonly #storage = new AsyncLocalStorage<TransactionScope | undefined>();
  readonly #migrating = new AsyncLocalStorage<boolean>();

  /**
   * The transaction that this code runs in.
   *
   * @throws TransactionClosedError when that transaction is over.
   */
  current(): TransactionScope | undefined {
    const scope = this.#storage.getStore();
    if (scope && !scope.open) {
      throw new TransactionClosedError(
        "this code was started inside a transaction that has ended: await every promise inside the transaction, or open one of its own with { propagation: 'requires-new' }",
      );
    }
    return scope;
  }

  /** Whether a transaction is open around this code. */
  isOpen(): boolean {
    return this.#storage.getStore()?.open ?? false;
  }

  /** Runs code inside a transaction, or outside of any. */
  run<T>(scope: TransactionScope | undefined, work: () => T): T {
    return this.#storage.run(scope, work);
  }

  /** Whether this code migrates: no `queryTimeout`, and schema changes may end the transaction. */
  get migrating(): boolean {
    return this.#migrating.getStore() ?? false;
  }

  /** Runs code that migrates. */
  migrate<T>(work: () => T): T {
    return this.#migrating.run(true, work);
  }
}
