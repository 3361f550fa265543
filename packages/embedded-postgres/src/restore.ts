import type { Connection, EngineHost } from "./engine-host.js";
import { readErrorFields, type ReportedError } from "./engine/reply.js";
import { databaseName, userName } from "./engine/session.js";
import { EmbeddedPostgresRestoreError } from "./errors.js";
import { frame, int32, messageType } from "./protocol/frame.js";
import { MessageReader } from "./protocol/message-reader.js";
import { queryMessage } from "./protocol/messages.js";
import { statementsOf, type SqlScript, type SqlStatement } from "./sql-script.js";

/** Options of {@link EmbeddedPostgres.restore}. */
export interface RestoreOptions {
  /** Gives up between two statements, and leaves the database as it was. */
  readonly signal?: AbortSignal;
}

/** Runs a script in one transaction: all of it or nothing. */
export async function restore(
  host: EngineHost,
  script: SqlScript,
  { signal }: RestoreOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const client = new ScriptClient(host);
  host.hold(true);
  try {
    await client.start();
    await client.run({ text: "begin", line: 1 });
    let line = 1;
    for await (const statement of statementsOf(script)) {
      signal?.throwIfAborted();
      ({ line } = statement);
      // the script is one transaction, whatever parts it is made of
      if (/^(?:begin|start|commit|end)\b(?! +prepared)/i.test(statement.text)) continue;
      if (/^(?:rollback|abort)\b(?! +to\b)/i.test(statement.text)) {
        throw refusal(line, "a script that is restored must not roll back", "0A000");
      }
      await client.run(statement);
    }
    signal?.throwIfAborted();
    await client.run({ text: "commit", line });
  } finally {
    // which rolls back what is not committed
    client.end();
    host.hold(false);
  }
}

function refusal(line: number, message: string, sqlState: string): Error {
  return new EmbeddedPostgresRestoreError(
    `Line ${line}: ${message} (${sqlState}); nothing was restored`,
    { details: { line, sqlState } },
  );
}

/** As much of a client as a script needs. */
class ScriptClient {
  readonly #connection: Connection;
  readonly #reader = new MessageReader();
  #error: ReportedError | undefined;
  #line = 1;
  #lost: Error | undefined;
  #settle: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(host: EngineHost) {
    this.#connection = host.connect({
      data: (bytes) => this.#receive(bytes),
      end: (error) => {
        this.#lost = error ?? this.#refusal() ?? new Error("the connection was closed");
        this.#settle?.reject(this.#lost);
      },
    });
  }

  start(): Promise<void> {
    const words = `user\0${userName}\0database\0${databaseName}\0application_name\0restore\0\0`;
    const length = words.length + 8;
    return this.#exchange(Buffer.concat([int32(length), int32(0x30000), Buffer.from(words)]));
  }

  async run({ text, line, rows }: SqlStatement): Promise<void> {
    this.#line = line;
    await this.#exchange(queryMessage(text));
    if (rows !== undefined && !this.#error) {
      const data = frame(messageType.copyData, Buffer.from(rows));
      await this.#exchange(Buffer.concat([data, frame(messageType.copyDone)]));
    }
    const error = this.#refusal();
    if (error) throw error;
  }

  end(): void {
    this.#connection.end();
  }

  /** What PostgreSQL has refused. */
  #refusal(): Error | undefined {
    return this.#error && refusal(this.#line, this.#error.message, this.#error.code);
  }

  /** Sends messages; resolves when it is the client's turn again. */
  #exchange(bytes: Buffer): Promise<void> {
    if (this.#lost) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#connection.write(bytes);
    });
  }

  #receive(bytes: Buffer): void {
    this.#reader.push(bytes);
    for (let next = this.#reader.nextMessage(); next; next = this.#reader.nextMessage()) {
      const type = next[0];
      if (type === messageType.errorResponse) this.#error ??= readErrorFields(next);
      else if (type === messageType.readyForQuery || type === messageType.copyInResponse) {
        this.#settle?.resolve();
      }
    }
  }
}
