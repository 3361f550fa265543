import { abortable } from "./abortable.js";
import { linkSignals, type LinkedSignal } from "./link-signals.js";
import type { WaitOptions, Work } from "./work.js";

interface Flight<T> {
  readonly link: LinkedSignal;
  readonly result: Promise<T>;
  callers: number;
  settled: boolean;
}

/**
 * Makes calls for the same thing at the same time share one piece of work. Each caller may leave by its own signal; the
 * work is aborted when the last one has left. Nothing is kept once the work has settled.
 */
export class SingleFlight<K, T> {
  readonly #flights = new Map<K, Flight<T>>();

  /** How many pieces of work are under way. */
  get size(): number {
    return this.#flights.size;
  }

  /** Whether work for the key is under way. */
  has(key: K): boolean {
    return this.#flights.has(key);
  }

  /** Lets the next call for the key start afresh; those who wait already get what they wait for. */
  forget(key: K): void {
    this.#flights.delete(key);
  }

  /**
   * The result of the work under way for the key, or of `work` when there is none.
   *
   * @throws what the work throws; the signal's reason when it aborts first.
   */
  async run(key: K, work: Work<T>, options: WaitOptions = {}): Promise<T> {
    options.signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.callers++;
    try {
      return await abortable(flight.result, options);
    } finally {
      flight.callers--;
      // what has settled keeps its signal: the result may still hang on it, as a response's body does
      if (flight.callers === 0 && !flight.settled) {
        this.#end(key, flight);
        flight.link.abort(options.signal?.reason);
      }
    }
  }

  #start(key: K, work: Work<T>): Flight<T> {
    const link = linkSignals();
    const result = (async () => work(link))();
    const flight: Flight<T> = { link, result, callers: 0, settled: false };
    this.#flights.set(key, flight);
    const end = (): void => {
      flight.settled = true;
      this.#end(key, flight);
    };
    result.then(end, end);
    return flight;
  }

  #end(key: K, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
