import { silentLogger, type Logger, type Revocation } from "@infra/interfaces";

/** What happened. */
export type AuthEventType =
  | "registered"
  | "email-verified"
  | "login"
  | "login-failed"
  | "locked-out"
  | "second-factor-failed"
  | "logout"
  | "password-changed"
  | "password-reset-requested"
  | "password-reset"
  | "two-factor-enabled"
  | "two-factor-disabled"
  | "recovery-code-used"
  | "session-started"
  | "session-revoked"
  | "refresh-token-reused"
  | "tokens-revoked"
  | "api-key-created"
  | "api-key-revoked"
  | "identity-linked"
  | "account-disabled"
  | "account-enabled"
  | "account-deleted"
  | "roles-changed"
  | "mail-failed";

/** One thing that happened, for an audit trail. It holds no secret, and no address of an unknown account. */
export interface AuthEvent {
  readonly type: AuthEventType;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly accountId?: string | undefined;
  /** Where the request came from, if that was said. */
  readonly address?: string | undefined;
  /** The session, family of tokens or API key that it is about. */
  readonly credentialId?: string | undefined;
  /** Why, in a stable word: `unknown-account`, `wrong-password`. */
  readonly reason?: string | undefined;
  /** How somebody logged in: `["password", "totp"]`. */
  readonly methods?: readonly string[] | undefined;
}

const revoking: ReadonlySet<AuthEventType> = new Set<AuthEventType>([
  "logout",
  "password-changed",
  "password-reset",
  "session-revoked",
  "refresh-token-reused",
  "tokens-revoked",
  "api-key-revoked",
  "account-disabled",
  "account-deleted",
  "roles-changed",
]);

/** What an event takes away or changes of what credentials allow; `undefined`: nothing. */
export function revocationOf({ type, accountId, credentialId }: AuthEvent): Revocation | undefined {
  if (!revoking.has(type)) return undefined;
  if (credentialId !== undefined) return { credentialId };
  return accountId === undefined ? undefined : { accountId };
}

/** Told of events. */
export type AuthListener = (event: AuthEvent) => void | Promise<void>;

/** Tells listeners what happened. A listener that fails changes nothing but the log. */
export class AuthEvents {
  readonly #listeners = new Set<AuthListener>();
  readonly #now: () => number;
  readonly #logger: Logger;

  constructor(now: () => number, logger: Logger = silentLogger) {
    this.#now = now;
    this.#logger = logger;
  }

  /** What it returns takes the listener away. */
  on(listener: AuthListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(type: AuthEventType, details: Omit<AuthEvent, "type" | "at"> = {}): void {
    const event: AuthEvent = Object.freeze({ type, at: this.#now(), ...details });
    for (const listener of this.#listeners) void this.#tell(listener, event);
  }

  async #tell(listener: AuthListener, event: AuthEvent): Promise<void> {
    try {
      await listener(event);
    } catch (error) {
      this.#logger.error("a listener for what happens in auth failed", {
        error,
        event: event.type,
      });
    }
  }
}
