import { ConfigService, type ConfigServiceOptions } from "@infra/config";
import { createContainer, type Container } from "@infra/di";
import {
  tokens,
  type Authenticator,
  type Authorizer,
  type Clock,
  type Encrypter,
  type ErrorReporter,
  type IdGenerator,
  type InvalidationBus,
  type Logger,
  type Mailer,
  type PasswordHasher,
  type Signer,
  type Token,
  type TokenSigner,
} from "@infra/interfaces";
import { ApplicationLifecycle } from "@infra/lifecycle";

import { FakeAuthenticator } from "./fake-authenticator.js";
import { FakeAuthorizer } from "./fake-authorizer.js";
import { FakeEncrypter } from "./fake-encrypter.js";
import { FakePasswordHasher } from "./fake-password-hasher.js";
import { FakeSigner } from "./fake-signer.js";
import { FakeTokenSigner } from "./fake-token-signer.js";
import { ManualClock } from "./manual-clock.js";
import { MemoryErrorReporter } from "./memory-error-reporter.js";
import { MemoryInvalidationBus } from "./memory-invalidation-bus.js";
import { MemoryLogger } from "./memory-logger.js";
import { MemoryMailer } from "./memory-mailer.js";
import { SequentialIdGenerator } from "./sequential-id-generator.js";

/** What stands around an application that a test runs. */
export interface TestAppFakes {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly encrypter: Encrypter;
  readonly errorReporter: ErrorReporter;
  readonly idGenerator: IdGenerator;
  readonly invalidationBus: InvalidationBus;
  readonly logger: Logger;
  readonly mailer: Mailer;
  readonly passwordHasher: PasswordHasher;
  readonly signer: Signer;
  readonly tokenSigner: TokenSigner;
}

/** The fakes that a test gets when it names no others. */
export interface DefaultFakes extends TestAppFakes {
  readonly authenticator: FakeAuthenticator;
  readonly authorizer: FakeAuthorizer;
  readonly clock: ManualClock;
  readonly encrypter: FakeEncrypter;
  readonly errorReporter: MemoryErrorReporter;
  readonly idGenerator: SequentialIdGenerator;
  readonly invalidationBus: MemoryInvalidationBus;
  readonly logger: MemoryLogger;
  readonly mailer: MemoryMailer;
  readonly passwordHasher: FakePasswordHasher;
  readonly signer: FakeSigner;
  readonly tokenSigner: FakeTokenSigner;
}

/** Options of {@link createTestApp}. */
export interface TestAppOptions<Fakes extends Partial<TestAppFakes> = DefaultFakes> {
  /** Binds what the application consists of, as its own start does. */
  readonly setup?: (container: Container) => void | Promise<void>;
  /** Binds what stands in for something of `setup`: `(container) => container.rebind(X).toConstantValue(fake)`. */
  readonly replace?: (container: Container) => void | Promise<void>;
  /** Variables over those of a test (`testEnvironment`); `undefined` takes one of them away. */
  readonly env?: ConfigServiceOptions["env"];
  /** Values of the configuration by section and setting. */
  readonly overrides?: ConfigServiceOptions["overrides"];
  /** Fakes of the test's own, or real things, in place of the default ones. */
  readonly fakes?: Fakes;
  /** Whether everything that is bound is started. @default true */
  readonly start?: boolean;
}

/** An application that a test runs; it is stopped at the end of the block with `await using`. */
export interface TestApp<Fakes extends TestAppFakes = DefaultFakes> extends AsyncDisposable {
  readonly container: Container;
  readonly lifecycle: ApplicationLifecycle;
  readonly config: ConfigService;
  readonly fakes: Fakes;
  /**
   * Stops it in order; idempotent.
   *
   * @throws an error that names what failed or overran.
   */
  stop(): Promise<void>;
}

/**
 * What the environment of a test says: every engine in memory, a server on a free loopback port, nothing on the console.
 * The environment of the process and its command line are not read; the files `.env` and `config/` of the working directory
 * are, below it.
 */
export const testEnvironment: Readonly<Record<string, string>> = {
  NODE_ENV: "test",
  HOST: "127.0.0.1",
  PORT: "0",
  LOG_CONSOLE: "false",
  DATABASE_URL: "pglite:memory",
  CACHE_URL: "memory:",
  JOBS_URL: "memory:",
  PUBSUB_URL: "memory:",
  STORAGE_URL: "memory:",
  JWT_SECRET: "the secret of a test, for nothing else",
  ENCRYPTION_KEY: "the key of a test, for nothing else",
};

/** Outside of every application: these are the test's, whatever `setup` binds. */
const outside = new Set<object>([
  tokens.config,
  tokens.clock,
  tokens.errorReporter,
  tokens.idGenerator,
  tokens.logger,
  tokens.mailer,
  tokens.passwordHasher,
]);

/**
 * Composes an application for a test: a container of its own with the fakes of this package, the application's own
 * bindings over them, a configuration in which every engine is in memory, and a lifecycle that starts it all.
 *
 * Clock, logger, error reporter, ids, mailer, password hasher and configuration are the test's even when `setup` binds
 * others; the rest of the fakes are for what it does not bind. `replace` has the last word. The clock stands still until the test moves it:
 * `app.fakes.clock.advance(ms)`.
 *
 * @throws what `setup`, `replace` or a service that starts throws; the rest is stopped again.
 */
export async function createTestApp<Fakes extends Partial<TestAppFakes> = DefaultFakes>(
  options: TestAppOptions<Fakes> = {},
): Promise<TestApp<Omit<DefaultFakes, keyof Fakes> & Fakes & TestAppFakes>> {
  const { setup, replace, env, overrides = {}, start = true } = options;
  const fakes = { ...defaultFakes(options.fakes?.clock), ...options.fakes };
  const container = createContainer();
  for (const [name, fake] of Object.entries(fakes)) {
    container.bind(tokens[name as keyof TestAppFakes] as Token<unknown>).toConstantValue(fake);
  }
  const config = new ConfigService({ env: { ...testEnvironment, ...env }, argv: [], overrides });
  container.bind(ConfigService).toConstantValue(config);
  let printed = "";
  const lifecycle = new ApplicationLifecycle(
    {
      exit: false,
      signals: [],
      uncaughtErrors: false,
      preStopDelay: 0,
      print: (text) => (printed = text),
    },
    { container, logger: fakes.logger },
  );
  const stop = async (): Promise<void> => {
    await lifecycle.shutdown("the end of the test");
    await container.dispose();
    if (lifecycle.stopReport?.ok === false) {
      throw new Error(`createTestApp: the application did not stop cleanly\n${printed}`);
    }
  };
  try {
    await setup?.(withoutOutside(container));
    await replace?.(container);
    if (start) await lifecycle.manage(container).startup();
  } catch (error) {
    // what failed first is what a test wants to know
    await container.dispose().catch(() => {});
    throw error;
  }
  return {
    container,
    lifecycle,
    config,
    fakes: fakes as Omit<DefaultFakes, keyof Fakes> & Fakes & TestAppFakes,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The container, but that bindings of what stands outside are lost. */
function withoutOutside(container: Container): Container {
  const nowhere = createContainer();
  const guarded: Container = new Proxy(container, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const method = value as (...args: unknown[]) => unknown;
      if (name === "load") {
        return (...modules: readonly ((own: Container) => void)[]) => {
          for (const module of modules) module(guarded);
          return guarded;
        };
      }
      if (name !== "bind" && name !== "rebind") return method.bind(target);
      return (what: object & { readonly provides?: object }) => {
        const lost = outside.has(what) || (what.provides && outside.has(what.provides));
        return method.call(lost ? nowhere : target, what);
      };
    },
  });
  return guarded;
}

function defaultFakes(given: Clock | undefined): DefaultFakes {
  const clock = new ManualClock();
  const by = { clock: given ?? clock };
  return {
    authenticator: new FakeAuthenticator(),
    authorizer: new FakeAuthorizer(),
    clock,
    encrypter: new FakeEncrypter(by),
    errorReporter: new MemoryErrorReporter(),
    idGenerator: new SequentialIdGenerator(),
    invalidationBus: new MemoryInvalidationBus(),
    logger: new MemoryLogger(),
    mailer: new MemoryMailer(),
    passwordHasher: new FakePasswordHasher(),
    signer: new FakeSigner(by),
    tokenSigner: new FakeTokenSigner(by),
  };
}
