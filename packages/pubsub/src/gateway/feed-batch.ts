import type { FeedEntry } from "./topic-feed.js";

/** A message as the event `m` carries it. */
export function eventOf(feed: string, entry: FeedEntry): [string, ...unknown[]] {
  const { message, id, publishedAt, cursor, topic } = entry;
  if (topic !== feed) return ["m", feed, message, id, publishedAt, cursor ?? null, topic];
  if (cursor !== undefined) return ["m", feed, message, id, publishedAt, cursor];
  return ["m", feed, message, id, publishedAt];
}

/** What engine.io is given to write. */
export interface EncodedBatch {
  readonly text: string;
  readonly options: { readonly wsPreEncodedFrame: readonly Buffer[] };
}

/** What came on a feed in one turn. */
export class FeedBatch {
  readonly entries: readonly FeedEntry[];
  readonly #feed: string;
  #encoded: EncodedBatch | undefined;

  constructor(feed: string, entries: readonly FeedEntry[]) {
    this.#feed = feed;
    this.entries = entries;
  }

  /** As the frames of a WebSocket, encoded once for all connections, and one write for each of them. */
  get encoded(): EncodedBatch {
    return (this.#encoded ??= this.#encode());
  }

  #encode(): EncodedBatch {
    // 4: a message of engine.io, 2: an event of socket.io
    const packets = this.entries.map((each) => `42${JSON.stringify(eventOf(this.#feed, each))}`);
    return {
      text: packets.join("\u001e").slice(1),
      options: { wsPreEncodedFrame: [framesOf(packets)] },
    };
  }
}

/** Text frames as a server sends them, one after the other. */
function framesOf(packets: readonly string[]): Buffer {
  const sizes = packets.map((each) => Buffer.byteLength(each));
  const frames = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size + headOf(size), 0));
  let at = 0;
  for (const [index, packet] of packets.entries()) {
    const size = sizes[index]!;
    const head = headOf(size);
    // the last fragment, of text
    frames[at] = 0x81;
    frames[at + 1] = head === 2 ? size : head === 4 ? 126 : 127;
    if (head === 4) frames.writeUInt16BE(size, at + 2);
    if (head === 10) frames.writeBigUInt64BE(BigInt(size), at + 2);
    at += head + frames.write(packet, at + head);
  }
  return frames;
}

/** How long the head of a frame is. */
function headOf(size: number): number {
  if (size < 126) return 2;
  return size < 65_536 ? 4 : 10;
}
