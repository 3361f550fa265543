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

/** What is known of the code that runs now. One object: every further storage would slow down every promise. */
interface Surroundings {
  readonly scope?: TransactionScope | undefined;
  readonly migrating?: boolean;
  readonly preparing?: boolean;
}

/** Which transaction the code that runs now belongs to, for one database, and what it is there for. */
export class AmbientTransaction {
  readonly #storage = new AsyncLocalStorage<Surroundings>();

  /**
   * The transaction that this code runs in.
   *
   * @throws TransactionClosedError when that transaction is over.
   */
  current(): TransactionScope | undefined {
    const scope = this.#storage.getStore()?.scope;
    if (scope && !scope.open) {
      throw new TransactionClosedError(
        "this code was started inside a transaction that has ended: await every promise inside the transaction, or open one of its own with { propagation: 'requires-new' }",
      );
    }
    return scope;
  }

  /** Whether a transaction is open around this code. */
  isOpen(): boolean {
    return this.#storage.getStore()?.scope?.open ?? false;
  }

  /** Whether this code migrates: no `queryTimeout`, and schema changes may end the transaction. */
  get migrating(): boolean {
    return this.#storage.getStore()?.migrating ?? false;
  }

  /** Whether this code prepares the database, and so need not wait until that is done. */
  get preparing(): boolean {
    return this.#storage.getStore()?.preparing ?? false;
  }

  /** Runs code inside a transaction, or outside of any. */
  run<T>(scope: TransactionScope | undefined, work: () => T): T {
    return this.#storage.run({ ...this.#storage.getStore(), scope }, work);
  }

  /** Runs code that migrates. */
  migrate<T>(work: () => T): T {
    return this.#storage.run({ ...this.#storage.getStore(), migrating: true }, work);
  }

  /** Runs code that prepares the database. */
  prepare<T>(work: () => T): T {
    return this.#storage.run({ ...this.#storage.getStore(), preparing: true }, work);
  }
}
