import type { Clock, Credential, Logger, Principal } from "@infra/interfaces";

import { CredentialError } from "../errors.js";
import type { GatewayAuth } from "./gateway-auth.js";

/** Who shows a credential, and who that is. */
export interface Identity {
  /** `undefined` with a principal: that is known from elsewhere, and holds until it expires. */
  readonly credential: Credential | undefined;
  readonly principal: Principal | undefined;
}

/** Options of {@link HeldCredential}. */
export interface HeldCredentialOptions {
  readonly auth: GatewayAuth;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether it goes on as nobody when the credential ends. */
  readonly downgrade: boolean;
  /** It is another principal now. */
  readonly changed: (before: Principal | undefined) => void;
  /** Looks at what the principal may, once more. */
  readonly review: () => Promise<void>;
  /** The credential does not hold any more. */
  readonly ended: () => void;
}

/** Whose a connection is: looked at again when the credential expires, and when somebody asks. */
export class HeldCredential {
  /** When it was first shown, by the clock's monotonic reading. */
  readonly since: number;
  readonly #options: HeldCredentialOptions;
  #credential: Credential | undefined;
  #principal: Principal | undefined;
  #cancelExpiry: (() => void) | undefined;
  #checking: Promise<void> | undefined;
  #checkAgain = false;
  #stopped = false;

  constructor({ credential, principal }: Identity, options: HeldCredentialOptions) {
    this.#options = options;
    this.since = options.clock.monotonic();
    this.#credential = credential;
    this.#principal = principal;
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  start(): void {
    const { clock } = this.#options;
    this.#cancelExpiry?.();
    const { expiresAt } = this.#principal ?? {};
    if (expiresAt === undefined || this.#stopped) return;
    const inMs = Math.max(0, expiresAt - clock.now());
    this.#cancelExpiry = clock.setTimeout(() => void this.recheck(), inMs, { unref: true });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelExpiry?.();
  }

  /** Looks at the credential, and at what it allows: what does not hold any more ends. */
  recheck(): Promise<void> {
    this.#checkAgain = true;
    return (this.#checking ??= (async () => {
      while (this.#checkAgain && !this.#stopped) {
        this.#checkAgain = false;
        await this.#recheckOnce();
      }
      this.#checking = undefined;
    })());
  }

  /**
   * Takes a new credential for the old one: of the same account, or nobody's before.
   *
   * @throws CredentialError (`ERR_PUBSUB_CREDENTIAL`).
   */
  async renew(token: unknown): Promise<void> {
    if (typeof token !== "string") throw new CredentialError("a credential is text");
    const credential: Credential = { scheme: "bearer", value: token };
    const principal = await this.#options.auth.principal(credential);
    if (this.#principal && principal?.id !== this.#principal.id) {
      throw new CredentialError("the credential is another account's: connect anew");
    }
    this.#credential = credential;
    await this.recheck();
  }

  async #recheckOnce(): Promise<void> {
    const { clock, logger, downgrade, review, ended } = this.#options;
    try {
      this.#become(await this.#find());
    } catch (error) {
      if (!CredentialError.is(error)) {
        // an outage is no revocation, but what has ended has ended
        logger.error("a credential could not be looked at again", { error });
        if ((this.#principal?.expiresAt ?? Infinity) > clock.now()) return;
      }
      if (!downgrade) return ended();
      this.#credential = undefined;
      this.#become(undefined);
    }
    await review();
  }

  async #find(): Promise<Principal | undefined> {
    const { auth, clock } = this.#options;
    const known = this.#credential ? undefined : this.#principal;
    if (!known) return auth.principal(this.#credential);
    if ((known.expiresAt ?? Infinity) > clock.now()) return known;
    throw new CredentialError("the credential does not hold any more");
  }

  #become(principal: Principal | undefined): void {
    const before = this.#principal;
    this.#principal = principal;
    this.start();
    this.#options.changed(before);
  }
}
