import { randomUUID } from "node:crypto";

import {
  Secret,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
  type RateLimitStore,
} from "@infra/interfaces";

import { constantTimeEqual } from "./constant-time-equal.js";
import { WebhookError, type WebhookRefusal } from "./errors.js";
import { KeyRing } from "./key-ring.js";
import { LocalRateLimitStore } from "./local-rate-limit-store.js";
import { hmac, isEd25519, signEd25519 } from "./mac.js";
import { headerOf, type RequestHeaders } from "./request-headers.js";
import type { KeyDefinition, RingKey } from "./ring-key.js";

/** Options of {@link Webhooks}. */
export interface WebhookOptions {
  /** The keys: a ring, or secrets as `whsec_…` (base64, 24 bytes at least), the newest first. */
  readonly keys: KeyRing | string | Secret | readonly (string | Secret)[];
  /** How old or how far ahead a webhook may be. @default "5m" */
  readonly tolerance?: Duration | undefined;
}

/** Collaborators of {@link Webhooks}. */
export interface WebhookDependencies {
  /** Remembers what came already, so that it is taken once. @default in this process */
  readonly replays?: RateLimitStore | undefined;
  readonly clock?: Clock | undefined;
}

/** The headers of a webhook. */
export interface WebhookHeaders {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/** A webhook that was verified. */
export interface VerifiedWebhook {
  readonly id: string;
  /** When it was sent, in milliseconds since the epoch. */
  readonly sentAtMs: number;
}

const purpose = "webhook";
/** More are a waste of our time on somebody else's behalf. */
const mostSignatures = 10;

/**
 * Sends and receives webhooks as Standard Webhooks 1.0 has it (standardwebhooks.com): `v1` signatures with HMAC-SHA-256,
 * `v1a` with Ed25519. What is signed is the body as it was sent: hand over those bytes, not what came of parsing them.
 */
export class Webhooks {
  readonly #keys: KeyRing;
  readonly #toleranceMs: number;
  readonly #replays: RateLimitStore;
  readonly #clock: Clock;

  /** @throws TypeError or RangeError when a key is unfit. */
  constructor(options: WebhookOptions, deps: WebhookDependencies = {}) {
    this.#clock = deps.clock ?? systemClock;
    this.#keys =
      options.keys instanceof KeyRing
        ? options.keys
        : new KeyRing([options.keys].flat().map(readSecret).toReversed(), {
            minimumBytes: 24,
            clock: this.#clock,
          });
    this.#toleranceMs = toMilliseconds(options.tolerance ?? "5m", "Webhooks: tolerance");
    this.#replays = deps.replays ?? new LocalRateLimitStore(this.#clock);
  }

  /**
   * The headers to send with a body, signed with every key that is accepted, so that the receiver can change keys when
   * it likes. Give the same id again when the same webhook is sent again.
   */
  sign(
    body: string | Uint8Array,
    { id = `msg_${randomUUID()}` }: { readonly id?: string | undefined } = {},
  ): WebhookHeaders {
    const timestamp = String(Math.floor(this.#clock.now() / 1000));
    const content = contentOf(id, timestamp, body);
    this.#keys.current(purpose, ["secret", "ed25519"]);
    const signatures = this.#keys
      .accepted(purpose)
      .filter((key) => key.makes)
      .map((key) => signatureOf(key, content));
    return {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signatures.toReversed().join(" "),
    };
  }

  /**
   * Checks a webhook, and remembers it: a second one of the same id is refused. If handling it fails, {@link
   * Webhooks.forget} it, so that the sender's next attempt is taken.
   *
   * @throws WebhookError `ERR_SECURITY_WEBHOOK`; what the replay store throws.
   */
  async verify(
    body: string | Uint8Array,
    headers: RequestHeaders,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<VerifiedWebhook> {
    const id = headerOf(headers, "webhook-id");
    const timestamp = headerOf(headers, "webhook-timestamp");
    const signatures = headerOf(headers, "webhook-signature");
    if (!id || id.length > 256 || !timestamp || !/^\d{1,12}$/.test(timestamp) || !signatures) {
      throw refused("headers", "its headers are missing or malformed");
    }
    const content = contentOf(id, timestamp, body);
    const keys = this.#keys.accepted(purpose);
    const given = signatures.split(" ").slice(0, mostSignatures);
    if (!given.some((each) => keys.some((key) => isSignature(key, content, each)))) {
      throw refused("signature", "no signature of it is right");
    }
    const sentAtMs = Number(timestamp) * 1000;
    if (Math.abs(this.#clock.now() - sentAtMs) > this.#toleranceMs) {
      throw refused("timestamp", "it is too old, or from the future");
    }
    const rule = { limit: 1, windowMs: 2 * this.#toleranceMs + 1000 };
    const { allowed } = await this.#replays.consume(replayKey(id), rule, { signal });
    if (!allowed) throw refused("replay", "it came before");
    return { id, sentAtMs };
  }

  /** Lets a webhook be taken again, because handling it failed. */
  async forget(id: string): Promise<void> {
    await this.#replays.reset(replayKey(id));
  }
}

function readSecret(given: string | Secret): KeyDefinition {
  const text = Secret.reveal(given);
  const [, base64] = /^(?:whsec_)?([\w+/-]+={0,2})$/.exec(text) ?? [];
  if (base64 === undefined) {
    throw new TypeError("Webhooks: a secret must be base64, with or without whsec_ before it");
  }
  return { secret: Buffer.from(base64, "base64") };
}

function contentOf(id: string, timestamp: string, body: string | Uint8Array): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), bytes]);
}

function signatureOf(key: RingKey, content: Buffer): string {
  return key.privateKey
    ? `v1a,${signEd25519(key.privateKey, content).toString("base64")}`
    : `v1,${mac(key, content)}`;
}

function isSignature(key: RingKey, content: Buffer, signature: string): boolean {
  if (key.type === "secret") return constantTimeEqual(signature, `v1,${mac(key, content)}`);
  const bytes = Buffer.from(signature.slice("v1a,".length), "base64");
  return (
    key.type === "ed25519" &&
    signature === `v1a,${bytes.toString("base64")}` &&
    isEd25519(key.publicKey!, content, bytes)
  );
}

/** The secret as it is, not a key derived from it: the other side has nothing but the secret. */
function mac(key: RingKey, content: Buffer): string {
  return hmac(key.secretKey!, content).toString("base64");
}

function replayKey(id: string): string {
  return `webhook:${id}`;
}

function refused(reason: WebhookRefusal, why: string): Error {
  return new WebhookError(`the webhook was refused: ${why}`, { details: { reason } });
}
