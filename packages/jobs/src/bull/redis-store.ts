import type { SideStore } from "./bull-types.js";

/** The commands of node-redis 5 that are used beside BullMQ. */
export interface RedisCommands {
  xRevRange(
    key: string,
    start: string,
    end: string,
    options: { COUNT: number },
  ): Promise<{ id: string }[]>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

// spec, next and claim (until when) are hashes by key
const all = `
return {redis.call("HGETALL", KEYS[1]), redis.call("HGETALL", KEYS[2])}`;

const put = `
if redis.call("HGET", KEYS[1], ARGV[1]) ~= ARGV[2] then
  redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
  redis.call("HSET", KEYS[2], ARGV[1], ARGV[3])
  redis.call("HDEL", KEYS[3], ARGV[1])
end`;

const remove = `
redis.call("HDEL", KEYS[2], ARGV[1])
redis.call("HDEL", KEYS[3], ARGV[1])
return redis.call("HDEL", KEYS[1], ARGV[1])`;

const claim = `
if redis.call("HGET", KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
local untilMs = tonumber(redis.call("HGET", KEYS[3], ARGV[1]) or "0")
if untilMs > tonumber(ARGV[3]) then return 0 end
redis.call("HSET", KEYS[3], ARGV[1], ARGV[4])
return 1`;

const pass = `
if redis.call("HGET", KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call("HSET", KEYS[2], ARGV[1], ARGV[3])
redis.call("HDEL", KEYS[3], ARGV[1])
return 1`;

// The round of the job that is served next; a tenant that comes back joins there. Nobody waits: all begin anew.
const rounds = `
local head = redis.call("ZRANGE", KEYS[2], 0, 0, "WITHSCORES")
local now = 0
if head[2] then
  now = math.max(0, (math.floor(tonumber(head[2]) / 4294967296) - 1) % tonumber(ARGV[1]) - 1)
else
  redis.call("DEL", KEYS[1])
end
local answer = {}
for at = 2, #ARGV, 2 do
  local last = tonumber(redis.call("HGET", KEYS[1], ARGV[at]) or "-1")
  local first = math.max(now, last + 1)
  redis.call("HSET", KEYS[1], ARGV[at], first + tonumber(ARGV[at + 1]) - 1)
  answer[#answer + 1] = first
end
return answer`;

/** Schedules and the rounds of tenants in Redis, beside BullMQ's own keys. */
export class RedisSideStore implements SideStore {
  readonly #client: RedisCommands;
  readonly #base: string;
  readonly #keys: string[];
  readonly #placesPerPriority: number;

  /** @param base - what the keys of the queue begin with: `bull:jobs` */
  constructor(client: RedisCommands, base: string, placesPerPriority: number) {
    this.#client = client;
    this.#base = base;
    this.#keys = ["spec", "next", "claim"].map((part) => `${base}:infra:schedule:${part}`);
    this.#placesPerPriority = placesPerPriority;
  }

  async schedules(): Promise<readonly { key: string; spec: string; nextMs: number }[]> {
    // in one step: a schedule that is changed in between would be half the old one
    const [specs, nexts] = (await this.#run(all)) as [string[], string[]];
    const nextOf = new Map(pairs(nexts));
    return pairs(specs).map(([key, spec]) => ({ key, spec, nextMs: Number(nextOf.get(key)) }));
  }

  async putSchedule({ key, spec, nextMs }: { key: string; spec: string; nextMs: number }) {
    await this.#run(put, key, spec, String(nextMs));
  }

  async removeSchedule(key: string): Promise<boolean> {
    return (await this.#run(remove, key)) === 1;
  }

  async claimSlot(slot: { key: string; slotMs: number; nowMs: number; forMs: number }) {
    const { key, slotMs, nowMs, forMs } = slot;
    return (
      (await this.#run(claim, key, String(slotMs), String(nowMs), String(nowMs + forMs))) === 1
    );
  }

  async passSlot({ key, slotMs, nextMs }: { key: string; slotMs: number; nextMs: number }) {
    await this.#run(pass, key, String(slotMs), String(nextMs));
  }

  async rounds(counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    const tenants = [...counts.keys()];
    const answer = (await this.#client.eval(rounds, {
      keys: [`${this.#base}:infra:rounds`, `${this.#base}:prioritized`],
      arguments: [
        String(this.#placesPerPriority),
        ...tenants.flatMap((tenant) => [tenant, String(counts.get(tenant))]),
      ],
    })) as number[];
    return new Map(tenants.map((tenant, at) => [tenant, Number(answer[at])]));
  }

  #run(script: string, ...args: string[]): Promise<unknown> {
    return this.#client.eval(script, { keys: this.#keys, arguments: args });
  }
}

/** A hash as Redis gives it: keys and values in turn. */
function pairs(flat: readonly string[]): [key: string, value: string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}
