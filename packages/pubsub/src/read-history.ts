import type { EngineLink } from "./engine-link.js";
import { toCursor, type Position } from "./envelope.js";
import { CursorLostError } from "./errors.js";

/** A message that is kept. */
export interface KeptMessage<Message = unknown> {
  readonly topic: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
  readonly cursor: string;
  readonly message: Message;
}

/** Options of `PubSubService.history`. */
export interface HistoryOptions {
  /** Begins after this message. @default "0", the oldest that is kept */
  readonly cursor?: string | undefined;
  /** How many at the most, up to 1,000. @default 100 */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What `PubSubService.history` gives. */
export interface History<Message = unknown> {
  readonly messages: readonly KeptMessage<Message>[];
  /** Where to go on: after the last of the messages. */
  readonly cursor: string;
}

export async function readHistory<Message>(
  link: EngineLink,
  pattern: string,
  after: Position | undefined,
  { limit = 100, signal }: HistoryOptions,
): Promise<History<Message>> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new RangeError(`limit must be a whole number from 1 to 1000, got ${String(limit)}`);
  }
  const page = await link.read(pattern, after, signal, limit);
  if (page.lost && after) {
    const cursor = toCursor(after);
    throw new CursorLostError(
      `what came on ${pattern} after the cursor ${cursor} is no longer kept`,
      {
        details: { topic: pattern, cursor },
      },
    );
  }
  const messages = page.messages.map(({ topic, id, publishedAt, message, place }) => ({
    topic,
    id,
    publishedAt,
    cursor: toCursor(place!),
    message: message as Message,
  }));
  const cursor = messages.at(-1)?.cursor ?? toCursor(after ?? { epoch: page.epoch, seq: 0 });
  return { messages, cursor };
}
