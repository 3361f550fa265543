import {
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
  type SessionStore,
  type StoredSession,
} from "@infra/interfaces";

import type { StoreCallOptions } from "./account-store.js";
import { AuthEvents } from "./auth-event.js";
import { boundedClient, type ClientInfo, type Login } from "./login.js";
import { digestOf, randomText } from "./opaque-token.js";
import { sessionCookie, type SessionCookie } from "./session-cookie.js";
import { boundedData, dataOf, type SessionData } from "./session-data.js";

/** Options of {@link SessionService}. */
export interface SessionOptions {
  /** How long a session goes on without a request. @default "2h" */
  readonly idle?: Duration | undefined;
  /** How long a session lasts at all. @default "24h" */
  readonly absolute?: Duration | undefined;
  /** The same for somebody who is to be remembered. @default "14d" */
  readonly rememberIdle?: Duration | undefined;
  /** The same for somebody who is to be remembered. @default "90d" */
  readonly rememberAbsolute?: Duration | undefined;
  /** @default "__Host-session" */
  readonly cookie?: string | undefined;
  /** @default true */
  readonly secure?: boolean | undefined;
}

/** Collaborators of {@link SessionService}. */
export interface SessionDependencies {
  readonly store: SessionStore;
  readonly clock?: Clock | undefined;
  readonly events?: AuthEvents | undefined;
}

/** A session, as applications see it. */
export interface Session extends SessionData {
  /** No secret: what a list shows and a revocation names. */
  readonly id: string;
  readonly userId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch, to the minute. */
  readonly lastSeenAt: number;
  /** When it ends without another request, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A session that was just made, with what the client has to be given. */
export interface StartedSession {
  readonly session: Session;
  /** What the client shows: a secret, kept nowhere else. */
  readonly token: string;
  readonly cookie: SessionCookie;
}

/** Options of {@link SessionService.start}. */
export interface StartSessionOptions extends StoreCallOptions {
  /** The token that the client came with: that session ends, and its values go over. */
  readonly previous?: string | undefined;
  /** Whether the cookie outlives the browser, and the session the day. @default false */
  readonly remember?: boolean | undefined;
  readonly client?: ClientInfo | undefined;
  /** What the application keeps in it; plain JSON, up to 16 kB. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}

/** A token is text of this form; anything else isn't looked up. */
const tokenForm = /^[\w-]{43}$/;
const touchEveryMs = 60_000;

/** Sessions on the server: the client has a random token, the store its hash. */
export class SessionService {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #events: AuthEvents;
  readonly #cookie: string;
  readonly #secure: boolean;
  readonly #usual: { readonly idleMs: number; readonly absoluteMs: number };
  readonly #remembered: { readonly idleMs: number; readonly absoluteMs: number };

  /** @throws RangeError for a duration that is none, TypeError when the cookie's name and `secure` don't fit. */
  constructor(
    options: SessionOptions,
    { store, clock = systemClock, events }: SessionDependencies,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#events = events ?? new AuthEvents(() => clock.now());
    this.#cookie = options.cookie ?? "__Host-session";
    this.#secure = options.secure ?? true;
    this.#usual = {
      idleMs: toMilliseconds(options.idle ?? "2h", "idle"),
      absoluteMs: toMilliseconds(options.absolute ?? "24h", "absolute"),
    };
    this.#remembered = {
      idleMs: toMilliseconds(options.rememberIdle ?? "14d", "rememberIdle"),
      absoluteMs: toMilliseconds(options.rememberAbsolute ?? "90d", "rememberAbsolute"),
    };
    sessionCookie(this.#cookie, "", { secure: this.#secure });
  }

  /** The name of the cookie, for the plugin authentication of `@infra/middleware`. */
  get cookieName(): string {
    return this.#cookie;
  }

  /**
   * Begins a session: of somebody who logged in, or of a visitor. It always has a token of its own, never the one that the
   * client came with, so that nobody can plant one (session fixation).
   */
  async start(
    login: Login | undefined,
    options: StartSessionOptions = {},
  ): Promise<StartedSession> {
    const { previous, remember = false, client = {}, signal } = options;
    const before = previous === undefined ? undefined : await this.get(previous, { signal });
    const now = this.#clock.now();
    const token = randomText();
    const data: SessionData = {
      ...(login && { authenticatedAt: login.authenticatedAt }),
      methods: login?.methods ?? [],
      remember,
      ...boundedClient(client),
      // what a visitor collected is still there after the login; what another user left is not
      values: {
        ...(before?.userId === undefined || before.userId === login?.account.id
          ? before?.values
          : undefined),
        ...options.values,
      },
    };
    const { idleMs, absoluteMs } = this.#lifetimes(remember);
    const stored: StoredSession = {
      id: digestOf(token),
      ...(login && { userId: login.account.id }),
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + Math.min(idleMs, absoluteMs),
      data: boundedData(data),
    };
    await this.#store.set(stored, { signal });
    if (before) await this.#store.delete(before.id, { signal });
    this.#events.emit("session-started", {
      accountId: login?.account.id,
      credentialId: stored.id,
      address: client.address,
    });
    const maxAgeMs = remember ? absoluteMs : undefined;
    const cookie = sessionCookie(this.#cookie, token, { secure: this.#secure, maxAgeMs });
    return { session: sessionOf(stored), token, cookie };
  }

  /** The session that a token belongs to; its time of last use moves on, at most once a minute. */
  async get(token: string, { signal }: StoreCallOptions = {}): Promise<Session | undefined> {
    if (typeof token !== "string" || !tokenForm.test(token)) return undefined;
    const stored = await this.#store.get(digestOf(token), { signal });
    const now = this.#clock.now();
    if (!stored || stored.expiresAt <= now) return undefined;
    const { idleMs, absoluteMs } = this.#lifetimes(dataOf(stored).remember);
    const endsAt = stored.createdAt + absoluteMs;
    if (endsAt <= now) return undefined;
    if (now - stored.lastSeenAt < Math.min(touchEveryMs, idleMs / 10)) return sessionOf(stored);
    const times = { lastSeenAt: now, expiresAt: Math.min(now + idleMs, endsAt) };
    await this.#store.touch(stored.id, times, { signal });
    return sessionOf({ ...stored, ...times });
  }

  /** Changes what the application keeps in a session; the session as it is then, `undefined` when it is over. */
  async update(
    token: string,
    values: Readonly<Record<string, unknown>>,
    { signal }: StoreCallOptions = {},
  ): Promise<Session | undefined> {
    const session = await this.get(token, { signal });
    if (!session) return undefined;
    const { id, userId: _owner, createdAt: _at, lastSeenAt, expiresAt, ...rest } = session;
    const changed = { ...rest, values: { ...rest.values, ...values } };
    // a session that is revoked meanwhile must not come back by this
    await this.#store.touch(id, { lastSeenAt, expiresAt, data: boundedData(changed) }, { signal });
    return { ...session, ...changed };
  }

  /** Ends the session of a token; idempotent. What it gives is the cookie that makes the client forget. */
  async end(token: string, { signal }: StoreCallOptions = {}): Promise<SessionCookie> {
    const session = await this.get(token, { signal });
    if (session) {
      await this.#store.delete(session.id, { signal });
      this.#events.emit("logout", { accountId: session.userId, credentialId: session.id });
    }
    return sessionCookie(this.#cookie, "", { secure: this.#secure, maxAgeMs: 0 });
  }

  /** The sessions of a user, the latest seen first. */
  async list(userId: string, { signal }: StoreCallOptions = {}): Promise<readonly Session[]> {
    return (await this.#store.listByUser(userId, { signal })).map((each) => sessionOf(each));
  }

  /** Ends one session of a user, by its id; whether there was one. Another user's is left alone. */
  async revoke(userId: string, id: string, { signal }: StoreCallOptions = {}): Promise<boolean> {
    const session = await this.#store.get(id, { signal });
    if (session?.userId !== userId) return false;
    await this.#store.delete(id, { signal });
    this.#events.emit("session-revoked", { accountId: userId, credentialId: id });
    return true;
  }

  /** Ends all sessions of a user, or all but one; how many. */
  async revokeAll(
    userId: string,
    { exceptId, signal }: StoreCallOptions & { readonly exceptId?: string | undefined } = {},
  ): Promise<number> {
    const revoked = await this.#store.deleteByUser(userId, { exceptId, signal });
    if (revoked > 0) this.#events.emit("session-revoked", { accountId: userId, reason: "all" });
    return revoked;
  }

  /** Deletes the sessions that ended a day ago; how many. */
  async prune(options: StoreCallOptions = {}): Promise<number> {
    return (await this.#store.prune?.(this.#clock.now() - 86_400_000, options)) ?? 0;
  }

  #lifetimes(remember: boolean): { readonly idleMs: number; readonly absoluteMs: number } {
    return remember ? this.#remembered : this.#usual;
  }
}

function sessionOf(stored: StoredSession): Session {
  const { id, userId, createdAt, lastSeenAt, expiresAt } = stored;
  return {
    id,
    ...(userId !== undefined && { userId }),
    createdAt,
    lastSeenAt,
    expiresAt,
    ...dataOf(stored),
  };
}
