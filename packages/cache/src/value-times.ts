import { toMilliseconds } from "@infra/interfaces";

import type { CacheCore } from "./cache-core.js";
import type { SetOptions } from "./cache-options.js";
import type { Times } from "./stored-entry.js";

/** When a value that is made now is good for what. @throws RangeError when a duration can't be. */
export function timesOf(core: CacheCore, options: SetOptions, negativeTtlMs?: number): Times {
  const { options: defaults, clock, random } = core;
  const ttlMs =
    negativeTtlMs ??
    (options.ttl === undefined ? defaults.ttlMs : toMilliseconds(options.ttl, "ttl"));
  const graceMs =
    options.grace === undefined ? defaults.graceMs : toMilliseconds(options.grace, "grace");
  const createdAt = clock.now();
  const jitter = defaults.jitter === 0 ? 1 : 1 - defaults.jitter * random();
  const freshUntil = createdAt + ttlMs * jitter;
  return { createdAt, freshUntil, staleUntil: freshUntil + (ttlMs === 0 ? 0 : graceMs) };
}
