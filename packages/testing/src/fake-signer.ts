import { createHmac, randomUUID } from "node:crypto";

import {
  systemClock,
  toMilliseconds,
  type Clock,
  type Signer,
  type SignOptions,
  type VerifyOptions,
} from "@infra/interfaces";

/** A signer with a key of its own, for tests: nothing that it signed verifies in another process. */
export class FakeSigner implements Signer {
  readonly #clock: Clock;
  readonly #key = randomUUID();

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  sign(value: string, options: SignOptions): string {
    const { expiresIn } = options;
    const until = expiresIn === undefined ? 0 : this.#clock.now() + toMilliseconds(expiresIn);
    return `${value}.${until}.${this.#mac(value, until, options)}`;
  }

  verify(signed: string, options: VerifyOptions): string | undefined {
    const [, value, until, mac] = /^([\s\S]*)\.(\d+)\.([\w-]+)$/.exec(signed) ?? [];
    if (value === undefined || mac !== this.#mac(value, Number(until), options)) return undefined;
    return until === "0" || Number(until) > this.#clock.now() ? value : undefined;
  }

  #mac(value: string, until: number, { purpose, context = "" }: VerifyOptions): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([value, until, purpose, context]))
      .digest("base64url");
  }
}
