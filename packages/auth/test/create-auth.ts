import type { PasswordHashOptions } from "@infra/interfaces";
import {
  FakeEncrypter,
  FakePasswordHasher,
  FakeTokenSigner,
  ManualClock,
  MemoryMailer,
} from "@infra/testing";

import { MemoryAuthStores } from "../src/drivers/memory.js";
import {
  AuthService,
  type AuthDependencies,
  type AuthEvent,
  type AuthOptions,
  type Login,
} from "../src/index.js";

export const email = "ada@example.org";
export const password = "mole quartz fjord 7";

/** Counts what is asked of it. */
export class CountingHasher extends FakePasswordHasher {
  hashed = 0;
  verified = 0;
  /** What `needsRehash` says. */
  outdated = false;

  override async hash(text: string, options?: PasswordHashOptions): Promise<string> {
    this.hashed += 1;
    return await super.hash(text, options);
  }

  override async verify(
    text: string,
    hash: string | undefined,
    options?: PasswordHashOptions,
  ): Promise<boolean> {
    this.verified += 1;
    return await super.verify(text, hash, options);
  }

  override needsRehash(hash: string): boolean {
    return this.outdated || super.needsRehash(hash);
  }
}

/** Codes of an app whose clock ticks every 30 s: the step is the code. */
function fakeCodes(clock: ManualClock) {
  const step = (): number => Math.floor(clock.now() / 30_000);
  return {
    code: (secret: string): string => `${secret}:${step()}`,
    generateSecret: (): string => `s${Math.random()}`,
    uri: (secret: string, account: string): string => `otpauth://totp/${account}?secret=${secret}`,
    verify: (secret: string, code: string, { after = -1 }: { after?: number | undefined } = {}) => {
      const found = [step() - 1, step(), step() + 1].find((each) => code === `${secret}:${each}`);
      return found !== undefined && found > after ? found : undefined;
    },
  };
}

const recoveryCodes = {
  generate: () => {
    const codes = Array.from({ length: 10 }, () => `r-${Math.random()}`);
    return { codes, hashes: codes.map((code) => `#${code}`) };
  },
  find: (code: string, hashes: readonly string[]) => {
    const at = hashes.indexOf(`#${code}`);
    return at < 0 ? undefined : at;
  },
};

/** An `AuthService` with fakes that behave, and all that a test asks of it. */
export function createAuth(
  options: Omit<AuthOptions, "stores"> = {},
  deps: Partial<AuthDependencies> = {},
) {
  const clock = new ManualClock();
  const passwords = new CountingHasher();
  const mailer = new MemoryMailer();
  const tokens = new FakeTokenSigner({ clock });
  const codes = fakeCodes(clock);
  const stores = new MemoryAuthStores({ clock });
  const encrypter = new FakeEncrypter({ clock });
  const auth = new AuthService(
    { codes, recoveryCodes, ...options, stores },
    { passwords, mailer, tokens, encrypter, clock, ...deps },
  );
  const events: AuthEvent[] = [];
  auth.on((event) => void events.push(event));
  return {
    auth,
    clock,
    codes,
    encrypter,
    events,
    mailer,
    passwords,
    stores,
    tokens,
    types: () => events.map(({ type }) => type),
    /** Ada, who has verified her address. */
    createAda: () =>
      auth.accounts.create({ email, password, roles: ["user"], emailVerified: true }),
    /** Her login. */
    login: async (): Promise<Login> => {
      const result = await auth.login({ email, password });
      if (result.status !== "complete") throw new Error(result.status);
      return result.login;
    },
    /** The token of the latest mail to her. */
    mailed: async (): Promise<string> => {
      const { text } = await mailer.take(email);
      return /\n\n(\S+)$/m.exec(text.split("\n\n").slice(0, 2).join("\n\n"))?.[1] ?? "";
    },
  };
}

/** The code of the error that a promise ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
