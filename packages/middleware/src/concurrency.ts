import { ConcurrencyLimitError } from "./errors.js";
import {
  definePlugin,
  rawOf,
  type Check,
  type NeutralPlugin,
  type WebResponse,
} from "./neutral.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** This route's own bound, apart from the others'; `false` for none. */
    concurrency?: ConcurrencyOptions | false;
  }
}

/** Options of {@link concurrency}. */
export interface ConcurrencyOptions {
  /** How many requests at a time. */
  readonly limit: number;
  /** How many more wait for their turn. @default 0 */
  readonly queue?: number;
}

/** Turns, so many at a time. */
class Turns {
  readonly #limit: number;
  readonly #queue: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor({ limit, queue = 0 }: ConcurrencyOptions) {
    for (const [name, value, least] of [
      ["limit", limit, 1],
      ["queue", queue, 0],
    ] as const) {
      if (!Number.isSafeInteger(value) || value < least) {
        throw new RangeError(
          `concurrency: ${name} must be a whole number from ${least}, got ${String(value)}`,
        );
      }
    }
    this.#limit = limit;
    this.#queue = queue;
  }

  /** Resolves when it is this request's turn, which lasts until its response is closed. */
  take(response: WebResponse): void | Promise<void> {
    const raw = rawOf(response);
    // its client went away before: it would never give its turn back
    if (raw.destroyed) return undefined;
    if (this.#running < this.#limit) {
      this.#running += 1;
      raw.once("close", () => this.#next());
      return undefined;
    }
    if (this.#waiting.size >= this.#queue) {
      response.header("retry-after", "1");
      throw new ConcurrencyLimitError("too many requests are under way", {
        publicMessage: "Too many requests are under way. Please try again.",
      });
    }
    return new Promise((resolve) => {
      let ours = false;
      const turn = (): void => {
        ours = true;
        resolve();
      };
      this.#waiting.add(turn);
      // whoever goes away while waiting gives up its place, not somebody else's turn
      raw.once("close", () => {
        if (ours) this.#next();
        else this.#waiting.delete(turn);
      });
    });
  }

  #next(): void {
    const [turn] = this.#waiting;
    if (!turn) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(turn);
    turn();
  }
}

function create(options: ConcurrencyOptions): Check {
  const all = new Turns(options);
  const own = new WeakMap<ConcurrencyOptions, Turns>();
  return (_request, response, { concurrency: route }) => {
    if (route === false) return undefined;
    if (!route) return all.take(response);
    const turns = own.get(route) ?? new Turns(route);
    own.set(route, turns);
    return turns.take(response);
  };
}

/** Bounds how many requests are under way at a time; what neither fits nor may wait is answered with 503 at once. */
export const concurrency: NeutralPlugin<ConcurrencyOptions> = definePlugin({
  name: "concurrency",
  after: ["request-id", "access-log", "security-headers"],
  create,
});
