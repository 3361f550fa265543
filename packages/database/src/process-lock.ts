/** A lock for engines that only one process has open. */
export class ProcessLock {
  #taken = false;

  take(): AsyncDisposable | undefined {
    if (this.#taken) return undefined;
    this.#taken = true;
    return {
      [Symbol.asyncDispose]: () => {
        this.#taken = false;
        return Promise.resolve();
      },
    };
  }
}
