import type { IStorageProvider } from "@infra/interfaces";

import { describe, expect, it } from "./runner.js";
import { describeCapabilities } from "./storage/capabilities.js";
import { describeInterruptions } from "./storage/interruptions.js";
import { describeStoring } from "./storage/storing.js";
import { Suite, type StorageContractOptions } from "./storage/suite.js";

export type { StorageCapability, StorageContractOptions } from "./storage/suite.js";

/**
 * What every storage provider must do, as tests: call it in a test file, under Jest. Capabilities that the provider does
 * not have are skipped, and say why.
 *
 * @param name of the provider, in the titles.
 * @param create makes an empty one before each test; it is started, and stopped behind it.
 */
export function describeStorageContract(
  name: string,
  create: () => IStorageProvider | Promise<IStorageProvider>,
  options: StorageContractOptions,
): void {
  describe(`IStorageProvider of ${name}`, () => {
    const suite = new Suite(create, options);

    it("has all methods but those that it is said to be without", () => {
      expect(suite.missing()).toEqual(suite.without());
    });

    describeStoring(suite);
    describeInterruptions(suite);
    describeCapabilities(suite);

    it("stop() is idempotent, and start() opens it again", async () => {
      await suite.put("k");
      await suite.provider.stop?.();
      await suite.provider.stop?.();
      await suite.provider.start?.();
      await suite.put("k2");
      expect(await suite.provider.exists("k2")).toBe(true);
    });
  });
}
