import { constants } from "node:os";

import { activeResources } from "./gave-up.js";
import type { LifecycleSettings } from "./lifecycle-options.js";

/** How the process ends: by itself, with the right code; if something keeps it alive, by force. */
export class Exit {
  readonly #settings: Pick<LifecycleSettings, "exit" | "print">;
  #unlisten: (() => void) | undefined;
  #code: number | undefined;
  #signals = 0;

  constructor(settings: Pick<LifecycleSettings, "exit" | "print">) {
    this.#settings = settings;
  }

  /** Takes what turns off the listening to the process, to be called in the end. */
  listen(unlisten: () => void): void {
    this.#unlisten = unlisten;
  }

  /** Says that the process is to end with this code, or a worse one that was said before. */
  require(code: number): void {
    this.#code = Math.max(this.#code ?? 0, code);
  }

  /** Says that the shutdown was not clean: the code is 1, if the process is to end at all. */
  worsen(): void {
    if (this.#code !== undefined) this.require(1);
  }

  /** Counts a signal; the second one ends the process at once. */
  signal(signal: NodeJS.Signals): void {
    this.#signals += 1;
    this.require(0);
    if (this.#signals < 2 || !this.#settings.exit) return;
    this.#settings.print(
      `${signal} again: ending at once, held by ${activeResources().join(", ")}`,
    );
    process.exit(128 + constants.signals[signal]);
  }

  /**
   * The shutdown is over. If a signal or an error asked for it, the process ends as soon as nothing keeps it alive, and
   * after `graceMs` all the same.
   */
  finish(graceMs: number): void {
    this.#unlisten?.();
    this.#unlisten = undefined;
    const code = this.#code;
    if (!this.#settings.exit || code === undefined) return;
    process.exitCode = code;
    const force = (): void => {
      this.#settings.print(`still alive, held by ${activeResources().join(", ")}: ending by force`);
      process.exit(code);
    };
    // of the real time, since this is about the real process
    setTimeout(force, Math.min(graceMs, 2 ** 31 - 1)).unref();
  }
}
