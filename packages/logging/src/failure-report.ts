import { inspect } from "node:util";

import { FdWriter } from "./fd-writer.js";

/** Says once of each part of a logger that it fails: the logger has no other logger to tell. */
export class FailureReport {
  readonly #told = new Set<string>();
  readonly #tell: (name: string, error: unknown) => void;

  /** @param tell - what it throws is ignored, since nobody is left to tell. @default a line on stderr */
  constructor(tell: (name: string, error: unknown) => void = tellOnStderr) {
    this.#tell = tell;
  }

  report(name: string, error: unknown): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    try {
      this.#tell(name, error);
    } catch {
      // nobody is left to tell
    }
  }
}

function tellOnStderr(name: string, error: unknown): void {
  const [text] = inspect(error, { depth: 0, breakLength: Infinity }).split("\n", 1);
  new FdWriter(2).write(`logging: ${name} failed, and will not be reported again: ${text}\n`);
}
