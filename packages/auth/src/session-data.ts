import type { StoredSession } from "@infra/interfaces";

import { SessionTooLargeError } from "./errors.js";

/** What is kept in a session beside the times: ours, and the application's `values`. */
export interface SessionData {
  /** Milliseconds since the epoch; `undefined` before a login. */
  readonly authenticatedAt?: number | undefined;
  readonly methods: readonly string[];
  readonly remember: boolean;
  readonly address?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

const limitBytes = 16_384;

/** What a stored session says. */
export function dataOf({ data }: StoredSession): SessionData {
  const { methods = [], remember = false, values = {}, ...rest } = data as Partial<SessionData>;
  return { ...rest, methods, remember, values };
}

/**
 * The data as stores take it.
 *
 * @throws SessionTooLargeError (`ERR_AUTH_SESSION_TOO_LARGE`).
 */
export function boundedData(data: SessionData): Readonly<Record<string, unknown>> {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes <= limitBytes) return { ...data };
  throw new SessionTooLargeError(
    `a session may hold ${limitBytes} bytes as JSON, and this one has ${bytes}: keep the rest elsewhere`,
    { details: { bytes, limitBytes } },
  );
}
