import type { Socket } from "node:net";

/** What happens to what is sent. */
export interface LaneState {
  frozen: boolean;
  delayMs: number;
}

/** So much waits to be passed on before the sender is held back. */
const mostBytes = 1024 ** 2;

/** One direction of a connection through a proxy: passes on what one socket reads to the other, in order, when it may. */
export class ProxyLane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #state: LaneState;
  /** `undefined` is the end. */
  readonly #queue: { readonly chunk: Buffer | undefined; readonly atMs: number }[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #full = false;

  constructor(from: Socket, to: Socket, state: LaneState) {
    this.#from = from;
    this.#to = to;
    this.#state = state;
    from.on("data", (chunk) => this.#take(chunk));
    from.on("end", () => this.#take(undefined));
    from.on("close", () => clearTimeout(this.#timer));
    to.on("drain", () => {
      this.#full = false;
      this.pump();
    });
  }

  #take(chunk: Buffer | undefined): void {
    this.#queue.push({ chunk, atMs: performance.now() });
    this.#queuedBytes += chunk?.length ?? 0;
    if (this.#queuedBytes > mostBytes) this.#from.pause();
    this.pump();
  }

  /** Passes on what is due; to be called when the state has changed. */
  pump(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const [head] = this.#queue;
      if (!head || this.#full || this.#state.frozen || this.#to.destroyed) return;
      const waitMs = head.atMs + this.#state.delayMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.#queue.shift();
      this.#pass(head.chunk);
    }
  }

  #pass(chunk: Buffer | undefined): void {
    if (chunk === undefined) {
      this.#to.end();
      return;
    }
    this.#queuedBytes -= chunk.length;
    this.#full = !this.#to.write(chunk);
    if (this.#queuedBytes <= mostBytes) this.#from.resume();
  }
}
