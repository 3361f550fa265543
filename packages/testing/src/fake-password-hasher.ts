import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

import type { PasswordHasher, PasswordHashOptions } from "@infra/interfaces";

/**
 * A password hasher that costs nothing, for tests that log in a lot: it behaves like a real one, but a hash of it is tried
 * out in no time. Never for real passwords.
 */
export class FakePasswordHasher implements PasswordHasher {
  async hash(password: string, { signal }: PasswordHashOptions = {}): Promise<string> {
    signal?.throwIfAborted();
    if (password === "") {
      throw Object.assign(new RangeError("the password must not be empty"), { status: 400 });
    }
    const salt = randomBytes(8).toString("hex");
    return `$fake$${salt}$${digest(password, salt)}`;
  }

  async verify(
    password: string,
    hash: string | undefined,
    { signal }: PasswordHashOptions = {},
  ): Promise<boolean> {
    signal?.throwIfAborted();
    if (hash === undefined) return false;
    const [, salt, expected] = parse(hash) ?? [];
    if (salt === undefined || expected === undefined) {
      throw new TypeError("FakePasswordHasher: it reads only its own hashes");
    }
    return timingSafeEqual(Buffer.from(expected), Buffer.from(digest(password, salt)));
  }

  needsRehash(hash: string): boolean {
    return !parse(hash);
  }
}

function parse(hash: string): RegExpExecArray | null {
  return /^\$fake\$([\da-f]{16})\$([\da-f]{64})$/.exec(hash);
}

function digest(password: string, salt: string): string {
  return createHash("sha256")
    .update(`${salt} ${password.normalize("NFC")}`)
    .digest("hex");
}
