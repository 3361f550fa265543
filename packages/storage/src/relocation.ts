import { notFound } from "./file-errors.js";
import type { Operations } from "./operations.js";
import type { NamedProvider } from "./provider-registry.js";
import { transfer } from "./transfer.js";

/** A file, by its key at a provider. */
interface Place {
  readonly at: NamedProvider;
  readonly fileId: string;
}

/** Copies and moves files: by what their provider can do itself, else through this process. */
export class Relocation {
  readonly #operations: Operations;

  constructor(operations: Operations) {
    this.#operations = operations;
  }

  async copy(from: Place, to: Place, signal: AbortSignal): Promise<void> {
    await this.#copy(from, to, signal);
    this.#announce("copied", from, to);
  }

  /** @throws FileNotFoundError (`ERR_STORAGE_NOT_FOUND`) */
  async move(from: Place, to: Place, signal: AbortSignal): Promise<void> {
    const { provider } = from.at;
    const isWithin = from.at === to.at;
    if (isWithin && from.fileId === to.fileId) {
      if (await provider.exists(from.fileId, { signal })) return;
      throw notFound(from.fileId);
    }
    if (isWithin && provider.move) {
      await provider.move(from.fileId, to.fileId, { signal });
    } else {
      await this.#copy(from, to, signal);
      await provider.deleteFile(from.fileId, { signal });
    }
    this.#announce("moved", from, to);
  }

  async #copy(from: Place, to: Place, signal: AbortSignal): Promise<void> {
    const { provider } = from.at;
    if (from.at === to.at && provider.copy) {
      await provider.copy(from.fileId, to.fileId, { signal });
      return;
    }
    const source = { provider, fileId: from.fileId };
    const target = { provider: to.at.provider, fileId: to.fileId };
    const bytes = await transfer(source, target, signal);
    from.at.counts.readBytes += bytes;
    to.at.counts.storedBytes += bytes;
  }

  #announce(type: "copied" | "moved", from: Place, to: Place): void {
    const [provider, toProvider] = [from.at.name, to.at.name];
    const { fileId } = from;
    this.#operations.announce({ type, provider, fileId, toProvider, toFileId: to.fileId });
  }
}
