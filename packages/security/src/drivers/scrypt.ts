import { randomBytes, scrypt } from "node:crypto";

import { checkedCost } from "../checked-cost.js";
import { UnknownHashError } from "../errors.js";
import type { PasswordAlgorithm } from "../password-algorithm.js";
import { formatPhc, parsePhc, sameHash, type PhcHash } from "../phc.js";

/** Options of {@link ScryptAlgorithm}. Memory is 128 × 2^logN × blockSize bytes for each hash at work. */
export interface ScryptOptions {
  /** The binary logarithm of N. @default 15 */
  readonly logN?: number | undefined;
  /** r. @default 8 */
  readonly blockSize?: number | undefined;
  /** p. @default 3 */
  readonly parallelization?: number | undefined;
}

/** Beyond 1 GiB a hash was not made to be verified. */
const mostMemory = 2 ** 30;

/**
 * scrypt (RFC 7914), which Node.js has by itself. The defaults are one of the five settings of equal strength that OWASP
 * names: 32 MiB a hash.
 */
export class ScryptAlgorithm implements PasswordAlgorithm {
  readonly name = "scrypt";
  readonly #parameters: Readonly<Record<"ln" | "r" | "p", number>>;

  /** @throws RangeError when an option is out of range. */
  constructor({ logN = 15, blockSize = 8, parallelization = 3 }: ScryptOptions = {}) {
    this.#parameters = {
      ln: checkedCost("scrypt: logN", logN, 10, 22),
      r: checkedCost("scrypt: blockSize", blockSize, 1, 32),
      p: checkedCost("scrypt: parallelization", parallelization, 1, 64),
    };
    if (memoryOf(this.#parameters) > mostMemory) {
      throw new RangeError("scrypt: logN and blockSize must not ask for more than 1 GiB");
    }
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    const parameters = this.#parameters;
    const hash = await compute(password, salt, 32, parameters);
    return formatPhc(this.name, { parameters, salt, hash });
  }

  reads(hash: string): boolean {
    return parse(hash) !== undefined;
  }

  async verify(password: string, hash: string): Promise<boolean> {
    const parsed = parse(hash);
    if (!parsed) throw new UnknownHashError("scrypt: this is no hash of it");
    const { parameters, salt } = parsed;
    const { ln, r, p } = parameters;
    if (!ln || !r || !p || ln > 24 || p > 256 || memoryOf({ ln, r }) > mostMemory) {
      throw new UnknownHashError("scrypt: the parameters of the hash are beyond all reason");
    }
    return sameHash(await compute(password, salt, parsed.hash.length, { ln, r, p }), parsed.hash);
  }

  needsRehash(hash: string): boolean {
    const { ln = 0, r = 0, p = 0 } = parse(hash)?.parameters ?? {};
    const memory = memoryOf({ ln, r });
    const ours = memoryOf(this.#parameters);
    return memory < ours || memory * p < ours * this.#parameters.p;
  }

  decoy(): string {
    const salt = Buffer.alloc(16);
    return formatPhc(this.name, { parameters: this.#parameters, salt, hash: Buffer.alloc(32) });
  }
}

function parse(hash: string): PhcHash | undefined {
  return parsePhc("scrypt", hash, ["ln", "r", "p"]);
}

function memoryOf({ ln, r }: { readonly ln: number; readonly r: number }): number {
  return 128 * 2 ** ln * r;
}

function compute(
  password: string,
  salt: Uint8Array,
  length: number,
  { ln, r, p }: Readonly<Record<"ln" | "r" | "p", number>>,
): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf({ ln, r }) + 128 * r * p };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
