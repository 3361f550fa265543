import { randomBytes } from "node:crypto";

import type { Retention } from "./engine.js";
import type { Position } from "./envelope.js";
import type { RedisClient } from "./redis-client.js";

/**
 * KEYS: seq, epoch, last (topic to its last seq), idle (topic to when), forgotten, this topic's stream.
 * ARGV: topic, message, keepMessages, now, before when a topic is idle, channel, new epoch, what a stream's key begins with.
 * One number counts for all topics, so that a cursor stands for a place among all of them.
 */
const append = `
local epoch = redis.call('GET', KEYS[2])
if not epoch then
  epoch = ARGV[7]
  redis.call('SET', KEYS[2], epoch)
end
local seq = redis.call('INCR', KEYS[1])
local prev = redis.call('HGET', KEYS[3], ARGV[1]) or '0'
redis.call('HSET', KEYS[3], ARGV[1], seq)
redis.call('XADD', KEYS[6], 'MAXLEN', '~', ARGV[3], seq .. '-0', 'p', prev, 'm', ARGV[2])
redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1])
for _, topic in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', ARGV[5], 'LIMIT', 0, 10)) do
  local last = tonumber(redis.call('HGET', KEYS[3], topic) or '0')
  if last > tonumber(redis.call('GET', KEYS[5]) or '0') then redis.call('SET', KEYS[5], last) end
  redis.call('DEL', ARGV[8] .. topic)
  redis.call('HDEL', KEYS[3], topic)
  redis.call('ZREM', KEYS[4], topic)
end
redis.call('PUBLISH', ARGV[6], epoch .. ' ' .. seq .. ' ' .. prev .. ' ' .. ARGV[2])
return seq
`;

/**
 * KEYS: epoch, forgotten, last, seq. ARGV: new epoch, after, limit, what a stream's key begins with, then topics.
 * Answers with the epoch, the end, forgotten, and for each topic its last seq and entries.
 */
const read = `
local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
local answer = { epoch, redis.call('GET', KEYS[4]) or '0', redis.call('GET', KEYS[2]) or '0' }
for at = 5, #ARGV do
  local last = redis.call('HGET', KEYS[3], ARGV[at]) or '0'
  local entries = {}
  if tonumber(last) > tonumber(ARGV[2]) then
    entries = redis.call('XRANGE', ARGV[4] .. ARGV[at], '(' .. ARGV[2] .. '-0', '+', 'COUNT', ARGV[3])
  end
  answer[#answer + 1] = { ARGV[at], last, entries }
end
return answer
`;

/** A kept message as Redis has it. */
export interface RedisEntry {
  readonly topic: string;
  readonly seq: number;
  readonly prev: number;
  readonly text: string;
}

/** What {@link RedisLog.read} gives. */
export interface RedisPage {
  readonly end: Position;
  readonly entries: readonly RedisEntry[];
  readonly lost: boolean;
}

/** The messages that Redis keeps: a stream for each topic, under one count. */
export class RedisLog {
  readonly #key: (name: string) => string;
  readonly #retention: Retention;

  /** `prefix`: the start of the keys; the braces keep them together on a cluster. */
  constructor(prefix: string, retention: Retention) {
    this.#key = (name) => `{${prefix}}:${name}`;
    this.#retention = retention;
  }

  async append(
    client: RedisClient,
    { topic, text, channel, now }: { topic: string; text: string; channel: string; now: number },
  ): Promise<void> {
    const { keepMessages, keepForMs } = this.#retention;
    const key = this.#key;
    const keys = ["seq", "epoch", "last", "idle", "forgotten", `log:${topic}`].map(key);
    await run(client, append, keys, [
      topic,
      text,
      String(keepMessages),
      String(now),
      String(now - keepForMs),
      channel,
      newEpoch(),
      key("log:"),
    ]);
  }

  /** The topics that have messages. */
  async topics(client: RedisClient): Promise<string[]> {
    return (await client.sendCommand(["HKEYS", this.#key("last")])) as string[];
  }

  async read(
    client: RedisClient,
    topics: readonly string[],
    after: Position | undefined,
    limit: number,
  ): Promise<RedisPage> {
    const keys = ["epoch", "forgotten", "last", "seq"].map(this.#key);
    const ask = async (seq: number): Promise<Answer> =>
      (await run(client, read, keys, [
        newEpoch(),
        String(seq),
        String(limit),
        this.#key("log:"),
        ...topics,
      ])) as Answer;
    let answer = await ask(after?.seq ?? 0);
    const [epoch] = answer;
    const foreign = after !== undefined && after.epoch !== epoch;
    if (foreign) answer = await ask(0);
    return pageOf(answer, foreign ? undefined : after, limit, foreign);
  }
}

type Answer = [string, string, string, ...[string, string, [string, string[]][]][]];

function pageOf(
  [epoch, end, forgotten, ...topics]: Answer,
  after: Position | undefined,
  limit: number,
  foreign: boolean,
): RedisPage {
  const from = after?.seq ?? 0;
  let lost = foreign || (after !== undefined && (from < Number(forgotten) || from > Number(end)));
  const entries: RedisEntry[] = [];
  for (const [topic, last, found] of topics) {
    const own = found.map(([id, [, prev, , text]]) => ({
      topic,
      seq: Number(id.split("-")[0]),
      prev: Number(prev),
      text: text!,
    }));
    if (after !== undefined && Number(last) > from && !(own[0] && own[0].prev <= from)) lost = true;
    entries.push(...own);
  }
  entries.sort((a, b) => a.seq - b.seq);
  return { end: { epoch, seq: Number(end) }, entries: entries.slice(0, limit), lost };
}

function newEpoch(): string {
  return randomBytes(6).toString("hex");
}

// not by its digest: what came back as unknown would be sent again after what was sent meanwhile
async function run(
  client: RedisClient,
  script: string,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  return client.sendCommand(["EVAL", script, String(keys.length), ...keys, ...args]);
}
