import type { IStorageProvider } from "@infra/interfaces";

import { afterEach, beforeEach, it } from "../runner.js";

/** A method that a provider may lack. */
export type StorageCapability =
  | "getFileStream"
  | "getMetadata"
  | "deleteMany"
  | "copy"
  | "move"
  | "list"
  | "health";

const capabilities: readonly StorageCapability[] = [
  "getFileStream",
  "getMetadata",
  "deleteMany",
  "copy",
  "move",
  "list",
  "health",
];

/** What of a provider can't be known from its methods. */
export interface StorageContractOptions {
  /** The methods that it does not have, and why: what they do is skipped, and says so. */
  readonly without?: Partial<Record<StorageCapability, string>>;
  /** Changes a byte of a stored file behind its back; or why that can't be done. */
  readonly damage: ((fileId: string) => Promise<void>) | string;
  /** What must be nothing after a failed write: names of temporary files, open uploads, …. */
  readonly leftovers?: () => Promise<readonly unknown[]>;
  /** The sizes of streams that are aborted and read back. @default 1 MB and a little */
  readonly streamBytes?: number;
}

/** The provider of the test that runs, and what tests do with it. */
export class Suite {
  readonly options: StorageContractOptions;
  readonly streamBytes: number;
  #provider: IStorageProvider | undefined;

  /** Makes a provider before each test that follows, and stops it behind it. */
  constructor(
    create: () => IStorageProvider | Promise<IStorageProvider>,
    options: StorageContractOptions,
  ) {
    this.options = options;
    this.streamBytes = options.streamBytes ?? 1024 ** 2 + 17;
    beforeEach(async () => {
      this.#provider = await create();
      await this.#provider.start?.();
    });
    afterEach(async () => {
      await this.#provider?.stop?.();
    });
  }

  get provider(): IStorageProvider {
    return this.#provider!;
  }

  /** Methods that it has not, in the order of the list. */
  missing(): StorageCapability[] {
    return capabilities.filter((method) => typeof this.provider[method] !== "function");
  }

  /** Methods that it is said not to have. */
  without(): StorageCapability[] {
    return capabilities.filter((method) => this.options.without?.[method] !== undefined);
  }

  put(key: string, content = key): Promise<string> {
    return this.provider.storeFile({ key, content });
  }

  async text(key: string): Promise<string> {
    return String(await this.provider.getFileContent(key));
  }

  async leftovers(): Promise<readonly unknown[]> {
    return (await this.options.leftovers?.()) ?? [];
  }

  /** A test of a method that providers may lack. */
  withMethod(
    method: StorageCapability,
    title: string,
    test: (has: Required<IStorageProvider>) => Promise<void>,
  ): void {
    const reason = this.options.without?.[method];
    const skipped = reason === undefined ? "" : ` (skipped: ${reason})`;
    (reason === undefined ? it : it.skip)(`${method}(): ${title}${skipped}`, () =>
      test(this.provider as Required<IStorageProvider>),
    );
  }
}
