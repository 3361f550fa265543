import type { Files, TemporaryPath } from "@infra/files";

/** The temporary files and directories of one run. */
export class TemporaryPaths {
  readonly #made: Promise<TemporaryPath>[] = [];
  #over = false;

  file(name?: string): Promise<string> {
    return this.#keep((files) => files.tempFile(name === undefined ? {} : { name }));
  }

  directory(): Promise<string> {
    return this.#keep((files) => files.tempDirectory());
  }

  /** Removes all of them, also those that are being made. @throws AggregateError when some are still there. */
  async removeAll(): Promise<void> {
    this.#over = true;
    const made = await Promise.allSettled(this.#made);
    const removed = await Promise.allSettled(
      made.map(async (each) => each.status === "fulfilled" && each.value.remove()),
    );
    const errors = removed.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    if (errors.length > 0) {
      throw new AggregateError(errors, `${errors.length} temporary files could not be removed`);
    }
  }

  async #keep(make: (files: Files) => Promise<TemporaryPath>): Promise<string> {
    if (this.#over) throw new Error("the pipeline has ended: no more temporary files");
    // most runs have none
    const making = import("@infra/files").then((module) => make(new module.Files()));
    this.#made.push(making);
    return (await making).path;
  }
}
