import { relative } from "node:path";

const minute = 60_000;

/** Follows a run by what the reporter tells, and calls `onHang` once when it stands still. */
export class Watch {
  #running = new Set();
  #timer;
  #onHang;

  /**
   * @param {{ onHang: (message: string) => void, standstillMs?: number, exitMs?: number }} options
   * `standstillMs`: no test file has begun or ended for so long (5 minutes); `exitMs`: jest still runs
   * so long after its last test (20 seconds)
   */
  constructor({ onHang, standstillMs = 5 * minute, exitMs = minute / 3 }) {
    this.#onHang = onHang;
    this.standstillMs = standstillMs;
    this.exitMs = exitMs;
  }

  take({ event, file }) {
    if (event === "begun") this.#running.add(file);
    if (event === "ended") this.#running.delete(file);
    if (event === "complete") this.#waitForExit();
    else this.#wait();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #wait() {
    this.#after(this.standstillMs, () => {
      const files = [...this.#running].map((file) => `\n  ${relative(".", file)}`).join("");
      return `no test file began or ended for ${this.standstillMs / 1000} s; still running:${files}`;
    });
  }

  #waitForExit() {
    this.#after(
      this.exitMs,
      () =>
        `the tests ended ${this.exitMs / 1000} s ago and jest still runs: a test left something open (a process, a server, a timer); --detectOpenHandles names it`,
    );
  }

  #after(ms, message) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onHang(`infra-jest: ${message()}`), ms);
  }
}
