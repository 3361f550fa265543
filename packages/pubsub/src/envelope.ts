/** A message under way: what was published, and what is known of it. */
export interface Envelope {
  readonly topic: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
  /** Plain JSON; listeners of one process share it. */
  readonly message: unknown;
  /** Where it stands in the log; `undefined` unless it is kept. */
  readonly place?: Place | undefined;
}

/** Where a kept message stands. */
export interface Place {
  /** Which log: another one after the engine lost its data. */
  readonly epoch: string;
  /** Rises by each message of the log, whatever its topic. */
  readonly seq: number;
  /** The `seq` of the message before it on its topic; 0 for none. */
  readonly prev: number;
}

/** A place in the log, without what stands there. */
export type Position = Pick<Place, "epoch" | "seq">;

/** As subscribers know it. */
export function toCursor({ epoch, seq }: Position): string {
  return `${epoch}.${seq}`;
}

/** `undefined` when it is no cursor. */
export function fromCursor(cursor: unknown): Position | undefined {
  const match = typeof cursor === "string" ? /^([a-z0-9]{1,32})\.(\d{1,15})$/.exec(cursor) : null;
  return match ? { epoch: match[1]!, seq: Number(match[2]) } : undefined;
}

/** The cursor that stands before everything that is kept. */
export const fromTheStart = "0";
