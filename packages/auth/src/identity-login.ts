import type { AccountService } from "./account-service.js";
import type { Identity, StoreCallOptions } from "./account-store.js";
import type { Account } from "./account.js";
import type { AuthParts } from "./auth-parts.js";
import { loginOf } from "./email-address.js";
import { IdentityTakenError } from "./errors.js";
import type { ClientInfo, LoginResult } from "./login.js";
import type { PasswordLogin } from "./password-login.js";

/** What an identity provider says of somebody: what `OpenIdLogin.finish()` gives. */
export interface IdentityClaims extends Identity {
  readonly email?: string | undefined;
  /** Whether the provider has verified the address. */
  readonly emailVerified?: boolean | undefined;
  readonly name?: string | undefined;
}

/** Logs people in by what an identity provider says of them. */
export class IdentityLogin {
  readonly #parts: AuthParts;
  readonly #accounts: AccountService;
  readonly #login: PasswordLogin;

  constructor(parts: AuthParts, accounts: AccountService, login: PasswordLogin) {
    this.#parts = parts;
    this.#accounts = accounts;
    this.#login = login;
  }

  async login(
    claims: IdentityClaims,
    { client = {}, signal }: StoreCallOptions & { readonly client?: ClientInfo | undefined } = {},
  ): Promise<LoginResult> {
    const { accounts } = this.#parts;
    const account =
      (await accounts.findByIdentity(claims, { signal })) ?? (await this.#adopt(claims, signal));
    this.#login.checkUsable(account, client);
    return await this.#login.firstStep(account, ["oidc"], client, signal);
  }

  /** The account with the same address, if both sides have verified it; a new one if there is none. */
  async #adopt(claims: IdentityClaims, signal: AbortSignal | undefined): Promise<Account> {
    const { accounts } = this.#parts;
    const login = loginOf(claims.email);
    if (login === undefined || claims.emailVerified !== true) {
      throw new IdentityTakenError(
        "the provider has not verified an e-mail address for this identity",
      );
    }
    const there = await accounts.findByLogin(login, { signal });
    // somebody else may have registered with the address to lie in wait for its owner
    if (there && there.emailVerifiedAt === undefined) {
      throw new IdentityTakenError(
        "an account has this e-mail address and has not verified it: log in, or reset its password",
      );
    }
    const data = claims.name === undefined ? {} : { name: claims.name.slice(0, 200) };
    const id =
      there?.id ??
      (await this.#accounts.create({ email: claims.email!, emailVerified: true, data }, { signal }))
        .id;
    const { issuer, subject } = claims;
    await this.#accounts.linkIdentity(id, { issuer, subject }, { signal });
    const account = await accounts.get(id, { signal });
    if (!account) throw new IdentityTakenError("the account was deleted meanwhile");
    return account;
  }
}
