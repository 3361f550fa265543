import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  tokens,
  type Authenticator,
  type Authorizer,
  type Cache,
  type CacheStore,
  type Clock,
  type Config,
  type Database,
  type Encrypter,
  type ErrorReporter,
  type HttpServer,
  type IdGenerator,
  type InvalidationBus,
  type IStorageProvider,
  type JobQueue,
  type Lifecycle,
  type Logger,
  type Mailer,
  type Managed,
  type PasswordHasher,
  type PubSub,
  type Queue,
  type RateLimitStore,
  type ServiceContainer,
  type SessionStore,
  type Signer,
  type Storage,
  type Token,
  type TokenSigner,
} from "../src/index.js";

/** What each token stands for. */
interface Contracts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly config: Config;
  readonly container: ServiceContainer;
  readonly database: Database;
  readonly encrypter: Encrypter;
  readonly errorReporter: ErrorReporter;
  readonly idGenerator: IdGenerator;
  readonly invalidationBus: InvalidationBus;
  readonly jobs: JobQueue;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly mailer: Mailer;
  readonly passwordHasher: PasswordHasher;
  readonly pubsub: PubSub;
  readonly rateLimitStore: RateLimitStore;
  readonly server: HttpServer;
  readonly sessionStore: SessionStore;
  readonly signer: Signer;
  readonly storage: Storage;
  readonly tokenSigner: TokenSigner;
}

/** These, and those that are plugged in without a token. */
interface AllContracts extends Contracts {
  readonly cacheStore: CacheStore;
  readonly managed: Managed;
  readonly queue: Queue<unknown, unknown>;
  readonly storageProvider: IStorageProvider;
}

/** Whether a method breaks each of the rules. */
interface Breaks<A extends readonly unknown[], R> {
  readonly "waits without a signal": R extends Promise<unknown> | AsyncIterable<unknown>
    ? Not<TakesSignal<Last<Required<A>>>>
    : false;
  readonly "gives null": unknown extends Awaited<R>
    ? false
    : null extends Awaited<R>
      ? true
      : false;
  readonly "has an any": IsAny<A[number]> extends true ? true : IsAny<Awaited<R>>;
}

/** The methods of a contract that break a rule. */
type Offenders<C, Rule extends keyof Breaks<[], unknown>> = {
  [K in keyof C]-?: NonNullable<C[K]> extends (...args: infer A) => infer R
    ? Breaks<A, R>[Rule] extends true
      ? K
      : never
    : never;
}[keyof C];

/** Those of all contracts, as `cache.get`. */
type AllOffenders<Rule extends keyof Breaks<[], unknown>> = {
  [N in keyof AllContracts]: `${N}.${Offenders<AllContracts[N], Rule> & string}`;
}[keyof AllContracts];

type Last<A extends readonly unknown[]> = A extends readonly [...unknown[], infer L] ? L : never;
type TakesSignal<O> = [O] extends [never]
  ? false
  : "signal" extends keyof O
    ? { readonly signal: AbortSignal | undefined } extends Pick<O, "signal">
      ? true
      : false
    : false;
type Not<T> = T extends true ? false : true;
type IsAny<T> = 0 extends 1 & T ? true : false;

describe("tokens", () => {
  it("have the id of their name", () => {
    for (const [name, token] of Object.entries<Token<unknown>>(tokens)) {
      expect([token.id, token.name]).toEqual([Symbol.for(`infra.${name}`), name]);
    }
  });

  it("carry the type of their contract", () => {
    expectTypeOf<typeof tokens>().toEqualTypeOf<{
      readonly [K in keyof Contracts]: Token<Contracts[K]>;
    }>();
    expect(Object.isFrozen(tokens.cache)).toBe(true);
  });
});

describe("every contract", () => {
  it("takes a signal, which may be undefined, wherever it waits", () => {
    expectTypeOf<AllOffenders<"waits without a signal">>().toEqualTypeOf<
      // what ends something has a budget of its own, and is told of it by its context
      | "lifecycle.shutdown"
      | "cacheStore.close"
      // bounded by the one who asks
      | "lifecycle.probe"
      | "managed.health"
      | "storageProvider.health"
      // over as soon as the engine is there
      | "database.openPool"
      | "invalidationBus.subscribe"
    >();
    expect(tokens.lifecycle.name).toBe("lifecycle");
  });

  it("gives undefined for what is missing, never null, and nothing untyped", () => {
    expectTypeOf<AllOffenders<"gives null">>().toEqualTypeOf<never>();
    expectTypeOf<AllOffenders<"has an any">>().toEqualTypeOf<never>();
    expect(tokens.cache.name).toBe("cache");
  });

  it("is held to rules that can be broken", () => {
    interface Bad {
      deaf(key: string, options?: { readonly ttl?: number }): Promise<string>;
      half(options: { readonly signal?: AbortSignal }): Promise<string>;
      empty(options?: { readonly signal?: AbortSignal | undefined }): Promise<string | null>;
      // oxlint-disable-next-line typescript/no-explicit-any
      loose(value: any): number;
      good(options?: { readonly signal?: AbortSignal | undefined }): Promise<string | undefined>;
    }
    expectTypeOf<Offenders<Bad, "waits without a signal">>().toEqualTypeOf<"deaf" | "half">();
    expectTypeOf<Offenders<Bad, "gives null">>().toEqualTypeOf<"empty">();
    expectTypeOf<Offenders<Bad, "has an any">>().toEqualTypeOf<"loose">();
    expect(tokens.clock.name).toBe("clock");
  });
});
