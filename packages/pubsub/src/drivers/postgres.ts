import { randomBytes } from "node:crypto";

import { importPeer } from "@infra/errors";
import {
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type SqlPool,
} from "@infra/interfaces";
import { abortable } from "@infra/promises";

import type {
  EngineCallOptions,
  EngineHandler,
  PubSubEngine,
  Retention,
  StoredPage,
} from "../engine.js";
import type { Envelope, Position } from "../envelope.js";
import { PostgresListener } from "../postgres-listener.js";
import { PostgresOutbox } from "../postgres-outbox.js";
import { createSchema, namesOf, type PostgresNames } from "../postgres-schema.js";
import { isPattern } from "../topic.js";
import { decodeMessage, encodeWithin } from "../wire.js";

/** Options of {@link PostgresPubSubEngine}: a URL, or a pool, which is closed when a function made it. */
export type PostgresEngineOptions = (
  | { readonly url: string }
  | { readonly pool: SqlPool | (() => Promise<SqlPool>) }
) &
  Retention & {
    /** What its tables, functions and channel are called after `infra_`. @default "pubsub" */
    readonly prefix?: string;
    /** What a message may take at the most. */
    readonly maxMessageBytes: number;
  };

const tidyEveryMs = 60_000;

/**
 * Over PostgreSQL, the embedded one included: LISTEN and NOTIFY, and a table for what is kept. What is too large for a
 * notification goes through a table too.
 */
export class PostgresPubSubEngine implements PubSubEngine {
  readonly name = "postgres";
  readonly #options: PostgresEngineOptions;
  readonly #names: PostgresNames;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #origin = randomBytes(9).toString("base64url");
  #handler: EngineHandler | undefined;
  #pool: SqlPool | undefined;
  #listener: PostgresListener | undefined;
  #opening: Promise<void> | undefined;
  #created = false;
  // notifications, in order, while one of them waits for its text
  #fetching: Promise<void> | undefined;
  #tidiedAt: number;
  readonly #outbox: PostgresOutbox;

  constructor(
    options: PostgresEngineOptions,
    {
      clock = systemClock,
      logger = silentLogger,
    }: { readonly clock?: Clock; readonly logger?: Logger } = {},
  ) {
    this.#options = options;
    this.#names = namesOf(options.prefix ?? "pubsub");
    this.#clock = clock;
    this.#logger = logger;
    this.#tidiedAt = clock.monotonic();
    const { name } = this.#names;
    // the functions are called row by row, in the order of the arrays
    this.#outbox = new PostgresOutbox(async ({ kept, topics, texts }) => {
      await this.#query(
        `select case when kept then ${name}_append(topic, body, $4) else ${name}_send($5, topic, body) end
         from unnest($1::boolean[], $2::text[], $3::text[]) as message(kept, topic, body)`,
        [kept, topics, texts, options.keepMessages, this.#origin],
      );
    });
  }

  open(handler: EngineHandler): Promise<void> {
    this.#handler = handler;
    return (this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    }));
  }

  // everything comes on one channel
  async listen(): Promise<void> {}
  async unlisten(): Promise<void> {}

  async send(envelope: Envelope, { signal }: EngineCallOptions = {}): Promise<void> {
    await this.#publish(envelope, false, signal);
  }

  async append(envelope: Envelope, { signal }: EngineCallOptions = {}): Promise<void> {
    await this.#publish(envelope, true, signal);
  }

  async read(
    pattern: string,
    after: Position | undefined,
    limit: number,
    { signal }: EngineCallOptions = {},
  ): Promise<StoredPage> {
    const end = await this.position({ signal });
    const foreign = after !== undefined && (after.epoch !== end.epoch || after.seq > end.seq);
    const from = foreign ? 0 : (after?.seq ?? 0);
    const { topic, message, log } = this.#names;
    const [match, wanted] = isPattern(pattern) ? ["~", toRegex(pattern)] : ["=", pattern];
    const rows = await this.#query<{ seq: string; topic: string; prev: string; body: string }>(
      `select seq, topic, prev, body from ${message} where seq > $1 and topic ${match} $2 order by seq limit $3`,
      [from, wanted, limit],
      signal,
    );
    // after the messages were read: what is deleted in between is a loss too many, never one too few
    const lost =
      foreign ||
      (after !== undefined &&
        (
          await this.#query(
            `select 1 as lost where exists (select 1 from ${log} where forgotten > $1) or exists (
               select 1 from ${topic} t where t.topic ${match} $2 and t.last > $1 and not exists (
                 select 1 from ${message} m where m.topic = t.topic and m.seq > $1 and m.prev <= $1))`,
            [from, wanted],
            signal,
          )
        ).length > 0);
    const messages = rows.flatMap((row) => {
      const place = { epoch: end.epoch, seq: Number(row.seq), prev: Number(row.prev) };
      const envelope = decodeMessage(row.topic, row.body, place);
      return envelope ? [envelope] : [];
    });
    return { messages, lost, epoch: end.epoch };
  }

  async position({ signal }: EngineCallOptions = {}): Promise<Position> {
    const [row] = await this.#query<{ epoch: string; seq: string }>(
      `select epoch, seq from ${this.#names.log}`,
      [],
      signal,
    );
    return { epoch: row!.epoch, seq: Number(row!.seq) };
  }

  async ping(): Promise<void> {
    await this.#query("select 1", []);
  }

  /** Ends what it opened; a pool that was handed over stays open. */
  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.#listener?.close();
    await this.#fetching;
    const { pool } = this.#options as { readonly pool?: unknown };
    if (pool === undefined || typeof pool === "function") await this.#pool?.end();
    this.#pool = undefined;
  }

  async #open(): Promise<void> {
    // it goes on trying since the first time
    if (this.#listener) return this.ping();
    const pool = (this.#pool ??= await this.#openPool());
    this.#listener = new PostgresListener({
      pool,
      channel: this.#names.name,
      clock: this.#clock,
      onPayload: (payload) => this.#notified(payload),
      onState: (connected, error) => this.#handler?.onState(connected, error),
      onGap: (reason) => this.#handler?.onGap(reason),
    });
    const listening = this.#listener.open();
    listening.catch(() => {});
    await this.#create(pool);
    await listening;
  }

  async #openPool(): Promise<SqlPool> {
    if ("pool" in this.#options) {
      const { pool } = this.#options;
      return typeof pool === "function" ? pool() : pool;
    }
    const { default: pg } = await importPeer("pg", () => import("pg"), {
      for: "publish and subscribe over PostgreSQL",
    });
    const pool = new pg.Pool({
      connectionString: this.#options.url,
      max: 5,
      connectionTimeoutMillis: 3_000,
    });
    // without a listener an error of an idle connection would end the process; whether the server is there, the one that listens says
    pool.on("error", (error) => this.#logger.debug("postgres", { error }));
    // of one that is in use the statement fails as well
    pool.on("connect", (client) => void client.on("error", () => {}));
    return pool;
  }

  /** Again at the next statement when it fails: the server may come later. */
  async #create(pool: SqlPool): Promise<void> {
    if (this.#created) return;
    await createSchema(pool, this.#names, randomBytes(6).toString("hex"));
    this.#created = true;
  }

  async #query<Row>(sql: string, values: readonly unknown[], signal?: AbortSignal): Promise<Row[]> {
    const pool = this.#pool;
    if (!pool) throw new Error("there is no connection to PostgreSQL");
    if (!this.#created) await abortable(this.#create(pool), { signal });
    const { rows } = await abortable(pool.query<Row>(sql, values), { signal });
    return rows;
  }

  #notified(payload: string): void {
    if (!this.#fetching && !/^[=@]#/.test(payload)) return this.#take(payload);
    // one after the other, so that they stay in order
    const before = this.#fetching ?? Promise.resolve();
    const own = before
      .then(() => this.#fetch(payload))
      .catch((error: unknown) => {
        this.#handler?.onGap(`a large message could not be read: ${String(error)}`);
      })
      .finally(() => {
        if (this.#fetching === own) this.#fetching = undefined;
      });
    this.#fetching = own;
  }

  async #fetch(payload: string): Promise<void> {
    const { message, large } = this.#names;
    const [kind, first, second, third, topic] = payload.split(" ");
    if (kind === "@#") {
      if (first === this.#origin) return;
      const [row] = await this.#query<{ body: string }>(`select body from ${large} where id = $1`, [
        third,
      ]);
      if (row) this.#take(`@ ${first} ${second} ${row.body}`);
    } else if (kind === "=#") {
      const [row] = await this.#query<{ body: string }>(
        `select body from ${message} where seq = $1`,
        [second],
      );
      if (row) this.#take(`= ${first} ${second} ${third} ${topic} ${row.body}`);
    } else this.#take(payload);
  }

  #take(payload: string): void {
    if (payload.startsWith("@")) {
      const [kind, origin, topic] = payload.split(" ", 3) as [string, string, string];
      if (origin === this.#origin) return;
      const start = kind.length + origin.length + topic.length + 3;
      const envelope = decodeMessage(topic, payload.slice(start));
      if (envelope) this.#handler?.onMessage(envelope);
      return;
    }
    const parts = payload.split(" ", 5) as [string, string, string, string, string];
    const [, epoch, seq, prev, topic] = parts;
    const start = parts.reduce((length, each) => length + each.length + 1, 0);
    const place = { epoch, seq: Number(seq), prev: Number(prev) };
    const envelope = decodeMessage(topic, payload.slice(start), place);
    if (envelope) this.#handler?.onMessage(envelope);
  }

  async #publish(
    envelope: Envelope,
    kept: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const text = encodeWithin(envelope, this.#options.maxMessageBytes);
    await abortable(this.#outbox.add({ topic: envelope.topic, text, kept }), { signal });
    this.#tidy();
  }

  /** Once a minute while something is published. */
  #tidy(): void {
    const now = this.#clock.monotonic();
    if (now - this.#tidiedAt < tidyEveryMs) return;
    this.#tidiedAt = now;
    this.#query(`select ${this.#names.name}_tidy($1)`, [this.#options.keepForMs]).catch(
      (error: unknown) => this.#logger.warn("what is no longer kept was not deleted", { error }),
    );
  }
}

/** A regular expression of PostgreSQL for a pattern. */
function toRegex(pattern: string): string {
  const parts = pattern.split(".");
  const open = parts.at(-1) === "#";
  if (open) parts.pop();
  const text = parts
    .map((each) => (each === "*" ? "[^.]+" : each.replaceAll("+", "\\+")))
    .join("\\.");
  if (!open) return `^${text}$`;
  return parts.length === 0 ? "^" : `^${text}(\\..*)?$`;
}
