import { AuthService, type AccountProfile, type ClientInfo, type LoginResult } from "@infra/auth";
import { CacheService, type Keyspace } from "@infra/cache";
import { DatabaseService } from "@infra/database";
import { section, type Inject } from "@infra/interfaces";

import { appConfig, type AppConfig } from "../app-config.js";
import type { Account, LogIn, Person, SignUp } from "../contract.js";

interface Dependencies {
  readonly auth: AuthService;
  readonly cache: CacheService;
  readonly database: DatabaseService;
}

/** Who there is: accounts of `@infra/auth`, their names, and which of them is the administrator. */
export class Accounts {
  static readonly inject: Inject<typeof Accounts> = {
    options: section(appConfig),
    auth: AuthService,
    cache: CacheService,
    database: DatabaseService,
  };

  readonly #options: AppConfig;
  readonly #auth: AuthService;
  readonly #database: DatabaseService;
  readonly #names: Keyspace<string, string>;

  constructor(options: AppConfig, { auth, cache, database }: Dependencies) {
    this.#options = options;
    this.#auth = auth;
    this.#database = database;
    this.#names = cache.keyspace("names", {
      ttl: "1h",
      load: async (id: string) => nameOf(await auth.accounts.get(id)),
    });
  }

  /** @throws EmailTakenError (`ERR_AUTH_EMAIL_TAKEN`), and what the password rules throw. */
  async signUp({ email, password, name }: SignUp, client: ClientInfo): Promise<LoginResult> {
    await this.#auth.accounts.create({ email, password, data: { name } });
    return await this.logIn({ email, password }, client);
  }

  /** @throws InvalidCredentialsError, LockedOutError. */
  async logIn({ email, password }: LogIn, client: ClientInfo): Promise<LoginResult> {
    const result = await this.#auth.login({ email, password, client });
    if (result.status === "complete") await this.#appoint(result.login.account);
    return result;
  }

  async get(id: string): Promise<Account | undefined> {
    const account = await this.#auth.accounts.get(id);
    if (!account) return undefined;
    const { email, roles, twoFactor } = account;
    return { id, email, name: nameOf(account), admin: roles.includes("admin"), twoFactor };
  }

  /** Their names, by id; once each, mostly from the cache. */
  async people(ids: Iterable<string>): Promise<ReadonlyMap<string, Person>> {
    const people = [...new Set(ids)].map(async (id): Promise<[string, Person]> => {
      return [id, { id, name: (await this.#names.get(id)) ?? "" }];
    });
    return new Map(await Promise.all(people));
  }

  async person(id: string): Promise<Person> {
    return (await this.people([id])).get(id)!;
  }

  /** Makes the administrator of whoever is to be it. */
  async #appoint({ id, email, roles }: AccountProfile): Promise<void> {
    const { adminEmail } = this.#options;
    if (roles.includes("admin")) return;
    const isAdmin =
      adminEmail === undefined
        ? await this.#isFirst(id)
        : email.toLowerCase() === adminEmail.toLowerCase();
    if (isAdmin) await this.#auth.accounts.setRoles(id, ["admin"]);
  }

  /** Whether nobody was here before: of two at once, one is first. */
  async #isFirst(id: string): Promise<boolean> {
    const claim = { what: "administrator", account_id: id };
    await this.#database.table("claims").insert(claim).onConflict("what").ignore();
    return (await this.#database.table("claims").where(claim).first()) !== undefined;
  }
}

function nameOf(account: AccountProfile | undefined): string {
  return typeof account?.data["name"] === "string" ? account.data["name"] : "";
}
