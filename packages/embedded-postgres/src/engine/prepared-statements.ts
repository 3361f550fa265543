import { messageType, readCstring } from "../protocol/frame.js";
import { sqlEffects, type SqlEffects } from "../protocol/sql-effects.js";

interface Prepared {
  /** The Parse message, renamed. */
  readonly parse: Buffer;
  readonly effects: SqlEffects;
}

/**
 * A session's prepared statements. All sessions share one backend, so a named statement goes by a name of its own
 * there, and the unnamed one, which any other session may replace between two requests, is kept to be parsed again.
 */
export class PreparedStatements {
  readonly #prefix: string;
  readonly #named = new Map<string, Prepared>();
  #unnamed: Prepared | undefined;

  constructor(sessionId: number) {
    this.#prefix = `s${sessionId}:`;
  }

  /** The Parse message of the unnamed statement. */
  get unnamed(): Buffer | undefined {
    return this.#unnamed?.parse;
  }

  /** The names that the backend knows the named statements by. */
  get backendNames(): string[] {
    return [...this.#named.keys()].map((name) => this.#prefix + name);
  }

  /** The Parse messages of the named statements, to make them again where they have been lost. */
  get parseMessages(): Buffer[] {
    return [...this.#named.values()].map(({ parse }) => parse);
  }

  /** Takes note of a Parse message, and returns what its statement may do when it runs. */
  parsed(message: Buffer): SqlEffects {
    const nameEnd = message.indexOf(0, 5);
    const effects = sqlEffects(
      message.toString("latin1", nameEnd + 1, message.indexOf(0, nameEnd + 1)),
    );
    const name = message.toString("utf8", 5, nameEnd);
    if (name === "") this.#unnamed = { parse: message, effects };
    else this.#named.set(name, { parse: this.rename(message), effects });
    return effects;
  }

  /** What running a statement may do. */
  effectsOf(name: string): SqlEffects {
    return (name === "" ? this.#unnamed : this.#named.get(name))?.effects ?? noEffects;
  }

  closed(name: string): void {
    this.#named.delete(name);
  }

  clear(): void {
    this.#named.clear();
  }

  /** A message of the client, with the backend's name in the place of the client's. */
  rename(message: Buffer): Buffer {
    const at = nameOffset(message);
    if (at === undefined || message[at] === 0) return message;
    const name = readCstring(message, at);
    const renamed = Buffer.concat([
      message.subarray(0, at),
      Buffer.from(this.#prefix),
      Buffer.from(name),
      message.subarray(at + Buffer.byteLength(name)),
    ]);
    renamed.writeInt32BE(renamed.length - 1, 1);
    return renamed;
  }
}

const noEffects = sqlEffects("");

/** Where a message names a prepared statement. */
function nameOffset(message: Buffer): number | undefined {
  switch (message[0]) {
    case messageType.parse:
      return 5;
    case messageType.bind:
      return message.indexOf(0, 5) + 1;
    case messageType.describe:
    case messageType.close:
      return message[5] === 0x53 ? 6 : undefined;
    default:
      return undefined;
  }
}
