import type { Clock, SqlClient, SqlPool } from "@infra/interfaces";
import { withTimeout } from "@infra/promises";

/** A client of pg, as far as notifications go. */
interface ListeningClient extends SqlClient {
  on(event: string, listener: (...args: never[]) => void): unknown;
  removeListener(event: string, listener: (...args: never[]) => void): unknown;
}

/** Options of {@link PostgresListener}. */
export interface PostgresListenerOptions {
  readonly pool: SqlPool;
  readonly channel: string;
  readonly clock: Clock;
  readonly onPayload: (payload: string) => void;
  /** The connection broke, or is back after it was lost. */
  readonly onState: (connected: boolean, error?: unknown) => void;
  readonly onGap: (reason: string) => void;
}

/** How often the connection is asked whether it is alive; one that broke without a word is not told. */
const askEveryMs = 2_000;
const reconnectMs = 300;

/** A connection that listens to a channel, and is made anew when it breaks. */
export class PostgresListener {
  readonly #options: PostgresListenerOptions;
  #client: ListeningClient | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: PostgresListenerOptions) {
    this.#options = options;
  }

  /** Listens. Rejects when that fails, and goes on trying by itself. */
  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      this.#later(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#client?.release(true);
    this.#client = undefined;
  }

  async #connect(): Promise<void> {
    const { pool, channel, clock, onPayload, onState } = this.#options;
    const connecting = pool.connect();
    const client = (await withTimeout(() => connecting, { timeout: askEveryMs * 2, clock }).catch(
      (error: unknown) => {
        // one that comes late is wanted by nobody
        connecting.then(
          (late) => late.release(true),
          () => {},
        );
        throw error;
      },
    )) as ListeningClient;
    const notified = ({ payload = "" }: { readonly payload?: string }): void => onPayload(payload);
    const broke = (error?: Error): void => this.#lost(client, error);
    client.on("notification", notified);
    client.on("error", broke);
    client.on("end", broke);
    try {
      await withTimeout(() => client.query(`listen ${channel}`), { timeout: askEveryMs, clock });
    } catch (error) {
      client.release(true);
      throw error;
    }
    if (this.#closed) return client.release(true);
    this.#client = client;
    onState(true);
    this.#askLater(client);
  }

  #lost(client: ListeningClient, error: unknown): void {
    if (this.#closed || this.#client !== client) return;
    this.#client = undefined;
    client.release(true);
    this.#later(error);
  }

  #later(error: unknown): void {
    if (this.#closed) return;
    const { clock, onState } = this.#options;
    onState(false, error);
    this.#cancel?.();
    this.#cancel = clock.setTimeout(() => void this.#again(), reconnectMs, { unref: true });
  }

  async #again(): Promise<void> {
    try {
      await this.#connect();
      if (!this.#closed) this.#options.onGap("the connection to PostgreSQL was lost");
    } catch (error) {
      this.#later(error);
    }
  }

  #askLater(client: ListeningClient): void {
    const { clock } = this.#options;
    this.#cancel?.();
    this.#cancel = clock.setTimeout(
      () => {
        withTimeout(() => client.query("select 1"), { timeout: askEveryMs, clock }).then(
          () => this.#client === client && this.#askLater(client),
          (error: unknown) => this.#lost(client, error),
        );
      },
      askEveryMs,
      { unref: true },
    );
  }
}
