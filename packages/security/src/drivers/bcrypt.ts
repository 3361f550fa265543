import { importPeer } from "@infra/errors";
import type * as Bcrypt from "bcrypt";

import { checkedCost } from "../checked-cost.js";
import { UnknownHashError } from "../errors.js";
import { hmac } from "../mac.js";
import type { PasswordAlgorithm } from "../password-algorithm.js";

/** Options of {@link BcryptAlgorithm}. */
export interface BcryptOptions {
  /**
   * One more doubles the work. The default takes about a quarter of a second on a core of 2024; measure your own with
   * `measureBcryptCost`.
   *
   * @default 12
   */
  readonly cost?: number | undefined;
}

type Client = Pick<typeof Bcrypt, "compare" | "genSalt" | "hash">;

/** `$bcrypt-sha256$v=2,t=2b,r=12$salt$hash`, as passlib writes it. */
const prehashed = /^\$bcrypt-sha256\$v=2,t=2b,r=(\d{1,2})\$([./A-Za-z\d]{22})\$([./A-Za-z\d]{31})$/;
/** What bcrypt itself writes; `2y` is what PHP calls `2b`. */
const plain = /^\$2[aby]\$(\d{2})\$[./A-Za-z\d]{53}$/;
/** Cost 17 takes ten seconds. */
const mostCost = 17;

/**
 * bcrypt, over an HMAC of the password. bcrypt alone reads 72 bytes and no more, so that of two long passwords with the
 * same beginning each opens the other's account. The HMAC-SHA-256 with the salt as its key, in base64 (44 characters, no
 * NUL), is passlib's `bcrypt-sha256` version 2, which other languages read as well; the salt keeps plain SHA-256 hashes
 * that were stolen elsewhere from being tried here. Hashes that bcrypt made alone (`$2b$`, `$2a$`, `$2y$`) are verified as
 * it does, first 72 bytes and all, and need a rehash.
 */
export class BcryptAlgorithm implements PasswordAlgorithm {
  readonly name = "bcrypt";
  readonly #cost: number;
  #bcrypt: Client | undefined;

  /** @throws RangeError when the cost is not a whole number from 10 (OWASP's least) to 17. */
  constructor({ cost = 12 }: BcryptOptions = {}) {
    this.#cost = checkedCost("bcrypt: cost", cost, 10, mostCost);
  }

  /** @throws PeerMissingError `ERR_PEER_MISSING` when `bcrypt` is not installed. */
  async load(): Promise<void> {
    this.#bcrypt ??= await loadBcrypt();
  }

  async hash(password: string): Promise<string> {
    await this.load();
    const salt = await this.#bcrypt!.genSalt(this.#cost);
    const hash = await this.#bcrypt!.hash(prehash(password, salt.slice(7)), salt);
    return `$bcrypt-sha256$v=2,t=2b,r=${this.#cost}$${salt.slice(7)}$${hash.slice(29)}`;
  }

  reads(hash: string): boolean {
    return prehashed.test(hash) || plain.test(hash);
  }

  async verify(password: string, hash: string): Promise<boolean> {
    await this.load();
    const [, cost = "", salt, digest] = prehashed.exec(hash) ?? plain.exec(hash) ?? [];
    if (!(Number(cost) >= 4 && Number(cost) <= mostCost)) {
      throw new UnknownHashError("bcrypt: this is no hash of it, or its cost is beyond all reason");
    }
    return salt === undefined
      ? this.#bcrypt!.compare(password, `$2b$${hash.slice(4)}`)
      : this.#bcrypt!.compare(
          prehash(password, salt),
          `$2b$${cost.padStart(2, "0")}$${salt}${digest}`,
        );
  }

  needsRehash(hash: string): boolean {
    const [, cost = "0"] = prehashed.exec(hash) ?? [];
    return Number(cost) < this.#cost;
  }

  decoy(): string {
    return `$bcrypt-sha256$v=2,t=2b,r=${this.#cost}$${".".repeat(22)}$${".".repeat(31)}`;
  }
}

/**
 * The highest cost with which one hash takes no longer than a time on this machine, but 10 at least. Run it where the
 * application will run, once, and write the answer into its configuration: measured anew at each start, it would give
 * machines, and busy moments, costs of their own.
 *
 * @param targetMs how long a hash may take. Default: 250.
 * @throws PeerMissingError `ERR_PEER_MISSING` when `bcrypt` is not installed.
 */
export async function measureBcryptCost(targetMs = 250): Promise<number> {
  const bcrypt = await loadBcrypt();
  let fastestMs = Infinity;
  for (let round = 0; round < 3; round += 1) {
    const startMs = performance.now();
    await bcrypt.hash("measured", 10);
    fastestMs = Math.min(fastestMs, performance.now() - startMs);
  }
  const doublings = Math.floor(Math.log2(targetMs / fastestMs));
  return Math.min(mostCost, Math.max(10, 10 + doublings));
}

async function loadBcrypt(): Promise<Client> {
  const module = await importPeer("bcrypt", () => import("bcrypt"), {
    for: "the password algorithm bcrypt",
  });
  return module.default;
}

function prehash(password: string, salt: string): string {
  return hmac(salt, password).toString("base64");
}
