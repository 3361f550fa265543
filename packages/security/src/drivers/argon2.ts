import * as crypto from "node:crypto";

import { importPeer } from "@infra/errors";

import { checkedCost } from "../checked-cost.js";
import { UnknownHashError } from "../errors.js";
import type { PasswordAlgorithm } from "../password-algorithm.js";
import { formatPhc, parsePhc, sameHash, type PhcHash } from "../phc.js";

/** Options of {@link Argon2Algorithm}. */
export interface Argon2Options {
  /** Memory in KiB for each hash at work. @default 19456 (19 MiB) */
  readonly memory?: number | undefined;
  /** Passes over it. @default 2 */
  readonly passes?: number | undefined;
  /** Lanes. @default 1 */
  readonly parallelism?: number | undefined;
}

type Parameters = Readonly<Record<"m" | "t" | "p", number>>;
type Compute = (
  password: string,
  salt: Uint8Array,
  length: number,
  parameters: Parameters,
) => Promise<Uint8Array>;

/** What Node.js has from 24.7 on. */
type NodeArgon2 = (
  algorithm: "argon2id",
  parameters: {
    readonly message: string;
    readonly nonce: Uint8Array;
    readonly parallelism: number;
    readonly tagLength: number;
    readonly memory: number;
    readonly passes: number;
  },
  callback: (error: Error | null, hash: Buffer) => void,
) => void;

/**
 * Argon2id (RFC 9106), OWASP's first choice, with the least of the settings that it names. Node.js has it from 24.7 on;
 * before that it takes the package `@node-rs/argon2`, which is prebuilt and has no install script.
 */
export class Argon2Algorithm implements PasswordAlgorithm {
  readonly name = "argon2id";
  readonly #parameters: Parameters;
  #compute: Compute | undefined;

  /** @throws RangeError when an option is out of range. */
  constructor({ memory = 19_456, passes = 2, parallelism = 1 }: Argon2Options = {}) {
    this.#parameters = {
      m: checkedCost("argon2id: memory", memory, 7168, 2 ** 20),
      t: checkedCost("argon2id: passes", passes, 1, 64),
      p: checkedCost("argon2id: parallelism", parallelism, 1, 64),
    };
  }

  /** @throws PeerMissingError `ERR_PEER_MISSING` when Node.js is older and `@node-rs/argon2` not installed. */
  async load(): Promise<void> {
    this.#compute ??= fromNode() ?? (await fromPackage());
  }

  async hash(password: string): Promise<string> {
    await this.load();
    const salt = crypto.randomBytes(16);
    const parameters = this.#parameters;
    const hash = await this.#compute!(password, salt, 32, parameters);
    return formatPhc(this.name, { version: 19, parameters, salt, hash });
  }

  reads(hash: string): boolean {
    return parse(hash) !== undefined;
  }

  async verify(password: string, hash: string): Promise<boolean> {
    await this.load();
    const parsed = parse(hash);
    if (!parsed) throw new UnknownHashError("argon2id: this is no hash of it");
    const { m, t, p } = parsed.parameters;
    if (!m || !t || !p || m < 8 * p || m > 2 ** 20 || t > 256 || p > 255) {
      throw new UnknownHashError("argon2id: the parameters of the hash are beyond all reason");
    }
    const length = parsed.hash.length;
    return sameHash(await this.#compute!(password, parsed.salt, length, { m, t, p }), parsed.hash);
  }

  needsRehash(hash: string): boolean {
    const { m = 0, t = 0 } = parse(hash)?.parameters ?? {};
    const ours = this.#parameters;
    return m < ours.m || m * t < ours.m * ours.t;
  }

  decoy(): string {
    const [salt, hash] = [Buffer.alloc(16), Buffer.alloc(32)];
    return formatPhc(this.name, { version: 19, parameters: this.#parameters, salt, hash });
  }
}

function parse(text: string): PhcHash | undefined {
  const parsed = parsePhc("argon2id", text, ["m", "t", "p"]);
  return parsed?.version === 19 && parsed.salt.length >= 8 && parsed.hash.length >= 4
    ? parsed
    : undefined;
}

function fromNode(): Compute | undefined {
  const { argon2 } = crypto as { readonly argon2?: NodeArgon2 };
  return (
    argon2 &&
    ((message, nonce, tagLength, { m, t, p }) =>
      new Promise((resolve, reject) => {
        const parameters = { message, nonce, tagLength, memory: m, passes: t, parallelism: p };
        argon2("argon2id", parameters, (error, hash) => (error ? reject(error) : resolve(hash)));
      }))
  );
}

async function fromPackage(): Promise<Compute> {
  const { hashRaw } = await importPeer("@node-rs/argon2", () => import("@node-rs/argon2"), {
    for: "the password algorithm argon2id before Node.js 24.7",
  });
  return (password, salt, outputLen, { m, t, p }) =>
    // Argon2id and version 19 are its defaults
    hashRaw(password, { salt, outputLen, memoryCost: m, timeCost: t, parallelism: p });
}
