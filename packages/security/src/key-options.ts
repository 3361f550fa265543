import { Secret, type Clock } from "@infra/interfaces";

import { KeyRing } from "./key-ring.js";

/** The ways to hand keys to a service. */
export interface KeyOptions {
  readonly keys?: KeyRing | undefined;
  readonly key?: string | Secret | undefined;
  readonly previousKeys?: readonly string[] | Secret<readonly string[]> | undefined;
}

/**
 * The ring that options stand for.
 *
 * @throws TypeError when they have neither `keys` nor `key`.
 */
export function ringOf(
  service: string,
  variable: string,
  { keys, key, previousKeys = [] }: KeyOptions,
  clock: Clock,
): KeyRing {
  if (keys) return keys;
  if (key !== undefined) return KeyRing.fromText(key, Secret.reveal(previousKeys), { clock });
  throw new TypeError(
    `${service}: keys or key is required, in the configuration ${variable}; openssl rand -base64 32 makes one`,
  );
}
