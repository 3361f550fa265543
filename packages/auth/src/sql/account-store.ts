import { ConflictError } from "@infra/errors";

import type { AccountStore, Identity, StoreCallOptions } from "../account-store.js";
import type { Account } from "../account.js";
import { EmailTakenError, IdentityTakenError } from "../errors.js";
import { digestOf } from "../opaque-token.js";
import type { SqlTables } from "./tables.js";
import { jsonOf, textOf } from "./values.js";

/** Accounts in a database. What they are found by is hashed, so that no collation takes one address for another. */
export class SqlAccountStore implements AccountStore {
  readonly #tables: SqlTables;

  constructor(tables: SqlTables) {
    this.#tables = tables;
  }

  async create(account: Account, { signal }: StoreCallOptions = {}): Promise<void> {
    try {
      await this.#tables.query(
        "insert into {}accounts (id, login_hash, revision, document) values (?, ?, ?, ?)",
        [account.id, digestOf(account.login), account.revision, textOf(account)],
        signal,
      );
    } catch (error) {
      throw taken(error);
    }
  }

  async get(id: string, { signal }: StoreCallOptions = {}): Promise<Account | undefined> {
    const account = await this.#one("select document from {}accounts where id = ?", [id], signal);
    // MySQL takes "A" for "a"
    return account?.id === id ? account : undefined;
  }

  async findByLogin(
    login: string,
    { signal }: StoreCallOptions = {},
  ): Promise<Account | undefined> {
    return await this.#one(
      "select document from {}accounts where login_hash = ?",
      [digestOf(login)],
      signal,
    );
  }

  async findByIdentity(
    identity: Identity,
    { signal }: StoreCallOptions = {},
  ): Promise<Account | undefined> {
    return await this.#one(
      "select a.document from {}accounts a join {}identities i on i.account_id = a.id where i.id = ?",
      [keyOf(identity)],
      signal,
    );
  }

  async update(
    account: Account,
    revision: string,
    { signal }: StoreCallOptions = {},
  ): Promise<boolean> {
    try {
      return await this.#tables.transaction(async () => {
        await this.#tables.query(
          "update {}accounts set login_hash = ?, revision = ?, document = ? where id = ? and revision = ?",
          [digestOf(account.login), account.revision, textOf(account), account.id, revision],
          signal,
        );
        // who changed the row holds it until the end of the transaction: what is read is its own
        const [row] = await this.#tables.query<{ revision: string }>(
          "select revision from {}accounts where id = ?",
          [account.id],
          signal,
        );
        return row?.revision === account.revision;
      }, signal);
    } catch (error) {
      throw taken(error);
    }
  }

  async delete(id: string, { signal }: StoreCallOptions = {}): Promise<void> {
    await this.#tables.transaction(async () => {
      await this.#tables.query("delete from {}identities where account_id = ?", [id], signal);
      await this.#tables.query("delete from {}accounts where id = ?", [id], signal);
    }, signal);
  }

  async link(accountId: string, identity: Identity, options: StoreCallOptions = {}): Promise<void> {
    const { signal } = options;
    const { issuer, subject } = identity;
    const owner = await this.#ownerOf(identity, signal);
    if (owner === accountId) return;
    if (owner === undefined) {
      try {
        await this.#tables.query(
          "insert into {}identities (id, account_id, document) values (?, ?, ?)",
          [keyOf(identity), accountId, textOf({ issuer, subject })],
          signal,
        );
        return;
      } catch (error) {
        if (!ConflictError.is(error)) throw error;
        // somebody was quicker
        if ((await this.#ownerOf(identity, signal)) === accountId) return;
      }
    }
    throw new IdentityTakenError("this identity belongs to another account");
  }

  async unlink(
    accountId: string,
    identity: Identity,
    { signal }: StoreCallOptions = {},
  ): Promise<void> {
    await this.#tables.query(
      "delete from {}identities where id = ? and account_id = ?",
      [keyOf(identity), accountId],
      signal,
    );
  }

  async identities(
    accountId: string,
    { signal }: StoreCallOptions = {},
  ): Promise<readonly Identity[]> {
    const rows = await this.#tables.query<{ document: string }>(
      "select document from {}identities where account_id = ? order by id",
      [accountId],
      signal,
    );
    return rows.map(({ document }) => jsonOf<Identity>(document));
  }

  async #ownerOf(identity: Identity, signal?: AbortSignal): Promise<string | undefined> {
    const [row] = await this.#tables.query<{ account_id: string }>(
      "select account_id from {}identities where id = ?",
      [keyOf(identity)],
      signal,
    );
    return row?.account_id;
  }

  async #one(
    sql: string,
    bindings: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<Account | undefined> {
    const [row] = await this.#tables.query<{ document: string }>(sql, bindings, signal);
    return row && jsonOf<Account>(row.document);
  }
}

function keyOf({ issuer, subject }: Identity): string {
  return digestOf(JSON.stringify([issuer, subject]));
}

function taken(error: unknown): unknown {
  if (!ConflictError.is(error)) return error;
  return new EmailTakenError("another account has this e-mail address");
}
