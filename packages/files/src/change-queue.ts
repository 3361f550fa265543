import type { FileChange, FileWatch } from "./file-system.js";

/**
 * The changes of a watch on their way to whoever iterates it. Changes of one path that nobody has read yet become one, so
 * that a slow reader costs no more memory than there are paths.
 */
export class ChangeQueue implements FileWatch {
  readonly #changes = new Map<string, FileChange>();
  readonly #onClose: () => void;
  readonly #signal: AbortSignal | undefined;
  #wake: (() => void) | undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  /** @param onClose - lets go of what watches; called once. */
  constructor(onClose: () => void, signal?: AbortSignal) {
    this.#onClose = onClose;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** Whether it was closed, has failed, or was aborted. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds a change; merges it into what is not read yet. */
  push(change: FileChange): void {
    if (this.#ended) return;
    const { relativePath } = change;
    const before = this.#changes.get(relativePath)?.type;
    this.#changes.delete(relativePath);
    if (before === "created" && change.type === "removed") return;
    const type =
      before === "created"
        ? "created"
        : before === "removed" && change.type === "created"
          ? "changed"
          : change.type;
    this.#changes.set(relativePath, { ...change, type });
    this.#wake?.();
  }

  /** Ends the watch; what is queued is still read, then the error. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#onClose();
    this.#wake?.();
  }

  close(): Promise<void> {
    this.#changes.clear();
    this.end();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FileChange> {
    try {
      for (;;) {
        for (const [path, change] of this.#changes) {
          this.#changes.delete(path);
          yield change;
        }
        if (this.#changes.size > 0) continue;
        if (this.#ended) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
      if (this.#failure) throw this.#failure.error;
    } finally {
      await this.close();
    }
  }

  readonly #abort = (): void => {
    this.#changes.clear();
    this.end({ error: this.#signal?.reason });
  };
}
