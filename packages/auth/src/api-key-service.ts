import { randomBytes } from "node:crypto";

import {
  silentLogger,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
  type Logger,
} from "@infra/interfaces";

import type { StoreCallOptions } from "./account-store.js";
import type { ApiKeyStore, StoredApiKey } from "./api-key-store.js";
import { AuthEvents } from "./auth-event.js";
import { InvalidInputError } from "./errors.js";
import { digestOf, randomText, sameDigest } from "./opaque-token.js";

/** Options of {@link ApiKeyService}. */
export interface ApiKeyOptions {
  /** What the keys begin with: letters, digits and `_`. @default "key" */
  readonly prefix?: string | undefined;
}

/** Collaborators of {@link ApiKeyService}. */
export interface ApiKeyDependencies {
  readonly store: ApiKeyStore;
  readonly clock?: Clock | undefined;
  readonly events?: AuthEvents | undefined;
  readonly logger?: Logger | undefined;
}

/** An API key, as its owner sees it. */
export type ApiKey = Omit<StoredApiKey, "hash">;

/** Options of {@link ApiKeyService.create}. */
export interface CreateApiKeyOptions extends StoreCallOptions {
  /** What its owner calls it: 1 to 100 characters. */
  readonly name: string;
  /** What it may do: actions, `notes.*` for all that begin so. Never more than its owner. @default all that its owner may */
  readonly abilities?: readonly string[] | undefined;
  /** @default never */
  readonly expiresIn?: Duration | undefined;
}

const touchEveryMs = 60_000;
const mostAbilities = 100;

/** API keys: opaque, found by the id in them, stored as a hash. */
export class ApiKeyService {
  readonly #store: ApiKeyStore;
  readonly #clock: Clock;
  readonly #events: AuthEvents;
  readonly #logger: Logger;
  readonly #prefix: string;

  /** @throws RangeError when the prefix is none. */
  constructor({ prefix = "key" }: ApiKeyOptions, deps: ApiKeyDependencies) {
    if (!/^[A-Za-z][A-Za-z0-9_]{0,30}$/.test(prefix)) {
      throw new RangeError(
        `apiKeyPrefix must be up to 31 letters, digits and "_", got ${JSON.stringify(prefix)}`,
      );
    }
    this.#prefix = prefix;
    this.#store = deps.store;
    this.#clock = deps.clock ?? systemClock;
    this.#events = deps.events ?? new AuthEvents(() => this.#clock.now());
    this.#logger = deps.logger ?? silentLogger;
  }

  /**
   * Makes a key for an account. `key` is shown once: it is stored nowhere.
   *
   * @throws InvalidInputError (`ERR_AUTH_INVALID_INPUT`) for a name or abilities that are none.
   */
  async create(
    accountId: string,
    { name, abilities, expiresIn, signal }: CreateApiKeyOptions,
  ): Promise<{ readonly key: string; readonly apiKey: ApiKey }> {
    check(name, abilities);
    const now = this.#clock.now();
    const id = randomBytes(12).toString("hex");
    const secret = randomText();
    const stored: StoredApiKey = {
      id,
      hash: digestOf(secret),
      accountId,
      name,
      ...(abilities && { abilities: [...abilities] }),
      createdAt: now,
      ...(expiresIn !== undefined && { expiresAt: now + toMilliseconds(expiresIn, "expiresIn") }),
    };
    await this.#store.create(stored, { signal });
    this.#events.emit("api-key-created", { accountId, credentialId: id });
    return { key: `${this.#prefix}_${id}_${secret}`, apiKey: withoutHash(stored) };
  }

  /** The key that this is, if it is one and has not expired. That it was used is written down, at most once a minute. */
  async verify(key: string, { signal }: StoreCallOptions = {}): Promise<ApiKey | undefined> {
    const [, prefix, id, secret] = /^(\w{1,31})_([\da-f]{24})_([\w-]{43})$/.exec(key) ?? [];
    if (prefix !== this.#prefix || id === undefined || secret === undefined) return undefined;
    const stored = await this.#store.get(id, { signal });
    const now = this.#clock.now();
    if (!stored || !sameDigest(stored.hash, digestOf(secret))) return undefined;
    if (stored.expiresAt !== undefined && stored.expiresAt <= now) return undefined;
    if (stored.lastUsedAt === undefined || now - stored.lastUsedAt >= touchEveryMs) {
      try {
        await this.#store.touch(id, now, { signal });
      } catch (error) {
        // a key is good also when that can't be written down
        if (signal?.aborted) throw error;
        this.#logger.warn("the last use of an API key was not written down", { error });
      }
    }
    return withoutHash(stored);
  }

  /** The keys of an account, the newest first. */
  async list(accountId: string, options: StoreCallOptions = {}): Promise<readonly ApiKey[]> {
    return (await this.#store.listByAccount(accountId, options)).map((each) => withoutHash(each));
  }

  /** Ends a key of an account; whether there was one. Another account's is left alone. */
  async revoke(accountId: string, id: string, options: StoreCallOptions = {}): Promise<boolean> {
    const revoked = await this.#store.delete(accountId, id, options);
    if (revoked) this.#events.emit("api-key-revoked", { accountId, credentialId: id });
    return revoked;
  }

  /** Ends all keys of an account; how many. */
  async revokeAll(accountId: string, options: StoreCallOptions = {}): Promise<number> {
    const revoked = await this.#store.deleteByAccount(accountId, options);
    if (revoked > 0) this.#events.emit("api-key-revoked", { accountId, reason: "all" });
    return revoked;
  }
}

function withoutHash({ hash: _secret, ...rest }: StoredApiKey): ApiKey {
  return rest;
}

function check(name: unknown, abilities: readonly unknown[] | undefined): void {
  const issues = [];
  if (typeof name !== "string" || name.trim() === "" || name.length > 100) {
    issues.push({ path: ["name"], message: "must have 1 to 100 characters", code: "length" });
  }
  const areActions =
    abilities === undefined ||
    (abilities.length <= mostAbilities &&
      abilities.every((each) => typeof each === "string" && /^[\w.:*-]{1,100}$/.test(each)));
  if (!areActions) {
    issues.push({ path: ["abilities"], message: "must be up to 100 actions", code: "abilities" });
  }
  if (issues.length > 0) {
    throw new InvalidInputError("the API key can't be made like this", { issues });
  }
}
