import { messageType, readCstring } from "../protocol/frame.js";
import { sqlEffects, type SqlEffects } from "../protocol/sql-effects.js";
import type { PreparedStatements } from "./prepared-statements.js";

/** What a client wants done in one go: its messages up to the one that asks for an answer. */
export interface Request {
  readonly bytes: Buffer;
  /** It ends with ReadyForQuery; otherwise the client asked only for what there is so far. */
  readonly synced: boolean;
  readonly changesSettings: boolean;
  readonly changesChannels: boolean;
  readonly copiesIn: boolean;
  /** The unnamed statement that an earlier request parsed and this one uses. */
  readonly unnamed: Buffer | undefined;
  /** When it was made, in milliseconds of `performance.now()`. */
  readonly since: number;
}

/** What {@link RequestBuilder.add} makes of a message. */
export type Step =
  | { readonly kind: "more" }
  | { readonly kind: "request"; readonly request: Request }
  /** The client waits to be told that it may send its rows. */
  | { readonly kind: "copy-in"; readonly binary: boolean }
  | { readonly kind: "refused"; readonly message: string; readonly synced: boolean };

/**
 * Gathers a session's messages into requests. A COPY FROM STDIN becomes one request with all of its rows: the engine
 * reads its input synchronously and dies when it runs dry.
 */
export class RequestBuilder {
  readonly #statements: PreparedStatements;
  #parts: Buffer[] = [];
  #changesSettings = false;
  #changesChannels = false;
  #copying = false;
  #parsedUnnamed = false;
  #unnamed: Buffer | undefined;

  constructor(statements: PreparedStatements) {
    this.#statements = statements;
  }

  /** @throws RangeError when a client has no business to send the message. */
  add(message: Buffer): Step {
    const type = message[0]!;
    switch (type) {
      case messageType.query: {
        // the text's words that matter are ASCII, and latin1 is the cheaper decoding
        const sql = message.toString("latin1", 5, message.length - 1);
        const effects = this.#note(sqlEffects(sql));
        if (effects.copyIn === "among") {
          return this.#refuse("send COPY FROM STDIN as a statement of its own", true);
        }
        this.#parts.push(message);
        if (effects.copyIn === undefined) return this.#finish(true);
        this.#copying = true;
        return { kind: "copy-in", binary: /\bbinary\b/i.test(sql) };
      }
      case messageType.copyDone:
      case messageType.copyFail: {
        if (!this.#copying) return { kind: "more" };
        this.#parts.push(message);
        return this.#finish(true);
      }
      case messageType.parse: {
        const effects = this.#statements.parsed(message);
        if (effects.copyIn !== undefined) {
          return this.#refuse("COPY FROM STDIN works in the simple query protocol only", false);
        }
        this.#parsedUnnamed ||= message[5] === 0;
        break;
      }
      case messageType.bind: {
        const name = message.indexOf(0, 5) + 1;
        this.#note(this.#statements.effectsOf(readCstring(message, name)));
        this.#usesStatement(message, name);
        break;
      }
      case messageType.describe: {
        if (message[5] === statementKind) this.#usesStatement(message, 6);
        break;
      }
      case messageType.close: {
        if (message[5] === statementKind) this.#statements.closed(readCstring(message, 6));
        break;
      }
      case messageType.copyData: {
        if (!this.#copying) return { kind: "more" };
        break;
      }
      case messageType.execute:
      case messageType.flush:
      case messageType.functionCall:
      case messageType.sync: {
        break;
      }
      default: {
        // would be the end of the backend, and so of all sessions
        throw new RangeError(`invalid frontend message type ${type}`);
      }
    }
    this.#parts.push(this.#statements.rename(message));
    if (this.#copying) return { kind: "more" };
    if (type === messageType.sync || type === messageType.functionCall) return this.#finish(true);
    return type === messageType.flush ? this.#finish(false) : { kind: "more" };
  }

  #note(effects: SqlEffects): SqlEffects {
    this.#changesSettings ||= effects.settings;
    this.#changesChannels ||= effects.channels;
    return effects;
  }

  #usesStatement(message: Buffer, nameAt: number): void {
    if (message[nameAt] === 0 && !this.#parsedUnnamed) this.#unnamed = this.#statements.unnamed;
  }

  #finish(synced: boolean): Step {
    const request: Request = {
      bytes: this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts),
      synced,
      changesSettings: this.#changesSettings,
      changesChannels: this.#changesChannels,
      copiesIn: this.#copying,
      unnamed: this.#unnamed,
      since: performance.now(),
    };
    this.#reset();
    return { kind: "request", request };
  }

  #refuse(message: string, synced: boolean): Step {
    this.#reset();
    return { kind: "refused", message, synced };
  }

  #reset(): void {
    this.#parts = [];
    this.#changesSettings = false;
    this.#changesChannels = false;
    this.#copying = false;
    this.#parsedUnnamed = false;
    this.#unnamed = undefined;
  }
}

const statementKind = 0x53; // S
