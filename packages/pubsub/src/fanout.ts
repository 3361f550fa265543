import type { Envelope } from "./envelope.js";
import type { Router } from "./router.js";

const atOnce = 1_024;

/**
 * Hands messages to the subscriptions of this process: never within the call that published them, always in the order in
 * which they came, also when a listener publishes.
 */
export class Fanout {
  readonly #router: Router;
  #waiting: Envelope[] = [];
  #via: (string | undefined)[] = [];
  #scheduled = false;
  #draining = false;
  readonly #run = (): void => this.drain();

  constructor(router: Router) {
    this.#router = router;
  }

  add(envelope: Envelope, via?: string): void {
    this.#waiting.push(envelope);
    this.#via.push(via);
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.#run);
    } else if (this.#waiting.length >= atOnce) this.drain();
  }

  /** Hands over what waits, now. */
  drain(): void {
    // a listener that publishes so much is heard in order, after this
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let at = 0; at < this.#waiting.length; at += 1) {
        const envelope = this.#waiting[at]!;
        const via = this.#via[at];
        if (via === undefined) {
          const matching = this.#router.match(envelope.topic);
          for (let each = 0; each < matching.length; each += 1) matching[each]!.push(envelope);
        } else {
          for (const each of this.#router.of(via) ?? []) each.push(envelope);
        }
      }
    } finally {
      this.#waiting = [];
      this.#via = [];
      this.#scheduled = false;
      this.#draining = false;
    }
  }
}
