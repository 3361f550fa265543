import { createHash } from "node:crypto";

import { importPeer } from "@infra/errors";
import type { Clock, RateLimitResult, RateLimitRule, RateLimitStore } from "@infra/interfaces";

import { AttemptBatcher } from "../attempt-batcher.js";
import { quietMs, results, slotMs, type Attempts } from "../sliding-window.js";

/** What is needed of a client of `redis` (node-redis), connected. */
export interface RedisScripts {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  del(keys: string[]): Promise<unknown>;
}

/** Options of {@link RedisRateLimitStore}. */
export interface RedisRateLimitStoreOptions {
  /** A connected client of `redis`, which stays yours to close, or the URL of a server. */
  readonly redis: RedisScripts | string;
  /** Before every key. @default "rate-limit:" */
  readonly prefix?: string;
  /** Time for tests. @default that of the Redis server, the same for every process */
  readonly clock?: Clock;
}

/**
 * The counterpart of `count()`: one step, whoever else asks. A key is one hash, its fields are `window:slot` and
 * `window:burst`, so that it is forgotten with one command. Gives the time, what was granted, the burst used, the slots.
 */
const script = `
local limit, window, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local wanted, width, quiet, now = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local own = ARGV[2] .. ':'
local all = redis.call('HGETALL', KEYS[1])
local total, used, slots, gone = 0, 0, {}, {}
for at = 1, #all, 2 do
  local name = string.sub(all[at], #own + 1)
  if string.sub(all[at], 1, #own) ~= own then
    -- of another window
  elseif name == 'burst' then
    used = tonumber(all[at + 1])
  else
    local ends = (tonumber(name) + 1) * width + window
    if ends + quiet > now then
      slots[#slots + 1] = name
      slots[#slots + 1] = all[at + 1]
      if ends > now then total = total + tonumber(all[at + 1]) end
    else
      gone[#gone + 1] = all[at]
    end
  end
end
if #slots == 0 then used = 0 end
local free = math.max(0, limit - total)
local granted = wanted
if cost > 0 then granted = math.min(wanted, math.floor((free + math.max(0, burst - used)) / cost)) end
local added = granted * cost
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
if added > 0 then
  local slot = string.format('%.0f', math.floor(now / width))
  redis.call('HINCRBY', KEYS[1], own .. slot, added)
  used = used + math.max(0, added - free)
  redis.call('HSET', KEYS[1], own .. 'burst', used)
  local kept = window + quiet + 2 * width
  if redis.call('PTTL', KEYS[1]) < kept then redis.call('PEXPIRE', KEYS[1], kept) end
  slots[#slots + 1] = slot
  slots[#slots + 1] = added
end
return { string.format('%.0f', now), granted, used, slots }`;
const sha = createHash("sha1").update(script).digest("hex");

/** Counts in Redis, exactly, however many processes ask. */
export class RedisRateLimitStore implements RateLimitStore {
  readonly #redis: RedisScripts | string;
  readonly #prefix: string;
  readonly #clock: Clock | undefined;
  readonly #batcher = new AttemptBatcher((key, attempts) => this.#ask(key, attempts));
  #opened: Promise<RedisScripts & { close(): Promise<unknown>; destroy(): void }> | undefined;

  constructor(options: RedisRateLimitStoreOptions) {
    const { redis, prefix = "rate-limit:", clock } = options;
    if (typeof redis !== "string" && typeof redis?.evalSha !== "function") {
      throw new TypeError("redis must be a client of the package redis, or a URL");
    }
    this.#redis = redis;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  consume(
    key: string,
    rule: RateLimitRule,
    options?: { readonly cost?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<RateLimitResult> {
    return this.#batcher.consume(key, rule, options as { cost?: number; signal?: AbortSignal });
  }

  async reset(key: string): Promise<void> {
    const redis = await this.#client();
    await redis.del([this.#prefix + key]);
  }

  /** Closes the connection that it opened itself; idempotent. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.then(
      (client) => client.destroy(),
      () => undefined,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask(key: string, attempts: Attempts): Promise<readonly RateLimitResult[]> {
    const { rule, cost, count } = attempts;
    const { limit, windowMs, burst = 0 } = rule;
    const now = this.#clock?.now() ?? -1;
    const redis = await this.#client();
    const call = {
      keys: [this.#prefix + key],
      arguments: [limit, windowMs, burst, cost, count, slotMs(rule), quietMs(rule), now].map(
        String,
      ),
    };
    const answer = (await redis.evalSha(sha, call).catch((error: unknown) => {
      if (!String(error).includes("NOSCRIPT")) throw error;
      return redis.eval(script, call);
    })) as [now: string, granted: number, burstUsed: number, slots: (string | number)[]];
    const slots = new Map<number, number>();
    for (let at = 0; at < answer[3].length; at += 2) {
      const slot = Number(answer[3][at]);
      slots.set(slot, (slots.get(slot) ?? 0) + Number(answer[3][at + 1]));
    }
    const state = { slots: [...slots].toSorted(([a], [b]) => a - b), burstUsed: answer[2] };
    return results(answer[1], state, attempts, Number(answer[0]));
  }

  async #client(): Promise<RedisScripts> {
    if (typeof this.#redis !== "string") return this.#redis;
    this.#opened ??= this.#open(this.#redis);
    return this.#opened;
  }

  async #open(url: string) {
    const { createClient } = await importPeer("redis", () => import("redis"), {
      for: "RedisRateLimitStore with a URL",
    });
    // what can't be sent at once fails at once: whether to wait is decided by who asks
    const client = createClient({ url, disableOfflineQueue: true });
    // a listener, or the first lost connection ends the process; the calls fail by themselves
    client.on("error", () => undefined);
    try {
      await client.connect();
    } catch (error) {
      this.#opened = undefined;
      client.destroy();
      throw error;
    }
    return client as unknown as RedisScripts & { close(): Promise<unknown>; destroy(): void };
  }
}
