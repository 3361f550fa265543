import { InfraError, PeerMissingError } from "@infra/errors";

import type { EngineSettings } from "./engine/engine.js";
import type { OpenProgress } from "./engine/open-pglite.js";
import { embeddedPostgresErrors } from "./errors.js";

/** What the engine's thread is started with. */
export interface ThreadData {
  readonly settings: EngineSettings;
}

/** What is said to the engine's thread. */
export type ToThread =
  | { readonly kind: "connect"; readonly id: number }
  | { readonly kind: "data"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly id: number }
  | { readonly kind: "dump"; readonly id: number; readonly args: readonly string[] }
  | { readonly kind: "close" };

/** What the engine's thread says. */
export type FromThread =
  | { readonly kind: "progress"; readonly progress: OpenProgress }
  | { readonly kind: "opened"; readonly version: string; readonly socketDirectory?: string }
  | { readonly kind: "not-opened"; readonly error: PlainError }
  | { readonly kind: "data"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly id: number }
  | { readonly kind: "dumped"; readonly id: number; readonly sql: string }
  | { readonly kind: "not-dumped"; readonly id: number; readonly error: PlainError }
  | { readonly kind: "log"; readonly line: string }
  | { readonly kind: "warning"; readonly error: PlainError }
  | { readonly kind: "failed"; readonly error: PlainError }
  | { readonly kind: "closed"; readonly error?: PlainError };

/** An error as it travels between threads. */
export interface PlainError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause: PlainError | undefined;
}

export function toPlain(error: unknown): PlainError {
  const { message, stack, cause } = error as Error;
  const known = InfraError.is(error) ? error : undefined;
  return {
    message,
    stack,
    code: known?.code,
    details: known?.details ?? {},
    cause: cause === undefined ? undefined : toPlain(cause),
  };
}

type AnyError = new (
  message: string,
  options: { readonly details: Readonly<Record<string, unknown>>; readonly cause?: unknown },
) => Error;

const knownErrors = new Map(
  [...Object.values(embeddedPostgresErrors.classes), PeerMissingError].map(
    (known) => [known.code, known as unknown as AnyError] as const,
  ),
);

/** The error again, as one of this package's where it was one. */
export function fromPlain(plain: PlainError): Error {
  const known = knownErrors.get(plain.code ?? "");
  const cause = plain.cause === undefined ? {} : { cause: fromPlain(plain.cause) };
  if (known) return new known(plain.message, { details: plain.details, ...cause });
  const error = new Error(plain.message, cause);
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}

/** Bytes alone in their memory, which can be handed over to another thread instead of copied once more. */
export function detached(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** The same bytes as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
