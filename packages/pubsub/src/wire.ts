import type { Envelope, Place } from "./envelope.js";
import { MessageTooLargeError } from "./errors.js";

/** A message as text, without its topic. */
export function encodeMessage({ id, publishedAt, message }: Envelope): string {
  return JSON.stringify([id, publishedAt, message]);
}

/** `undefined` when the text is none of ours. */
export function decodeMessage(topic: string, text: string, place?: Place): Envelope | undefined {
  try {
    const decoded: unknown = JSON.parse(text);
    if (!Array.isArray(decoded) || decoded.length !== 3) return undefined;
    const [id, publishedAt, message] = decoded as [unknown, unknown, unknown];
    if (typeof id !== "string" || typeof publishedAt !== "number") return undefined;
    return { topic, id, publishedAt, message, ...(place && { place }) };
  } catch {
    return undefined;
  }
}

/** @throws MessageTooLargeError (`ERR_PUBSUB_MESSAGE_TOO_LARGE`) */
export function encodeWithin(envelope: Envelope, maxMessageBytes: number): string {
  const text = encodeMessage(envelope);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxMessageBytes) return text;
  throw new MessageTooLargeError(
    `a message on ${envelope.topic} takes ${bytes} bytes, maxMessageBytes allows ${maxMessageBytes}`,
    { details: { bytes, maxMessageBytes } },
  );
}
