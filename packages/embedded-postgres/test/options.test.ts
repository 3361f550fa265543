import { describe, expect, it } from "@jest/globals";

import { EmbeddedPostgres } from "../src/index.js";
import { resolveOptions } from "../src/options.js";

describe("EmbeddedPostgres.open()", () => {
  it.each([
    [{ directory: "" }, TypeError, 'directory must be a path or undefined, got ""'],
    [{ durability: "yes" }, TypeError, 'durability must be "fsync" or "none", got "yes"'],
    [{ thread: 1 }, TypeError, "thread must be true or false, got 1"],
    [{ maxConnections: 0 }, RangeError, "maxConnections must be a whole number above 0, got 0"],
    [{ lockWaitTimeout: "soon" }, RangeError, "lockWaitTimeout must be milliseconds or a string"],
    [{ extensions: "vector" }, TypeError, 'extensions must be an array, got "vector"'],
    [{ extensions: ["vector"] }, RangeError, /file: URLs or of amcheck, .*; got "vector"/],
    [{ maintenanceInterval: 0 }, RangeError, "maintenanceInterval must be at least 1 ms, got 0"],
  ])("open() refuses %j", async (options, kind, message) => {
    const opening = EmbeddedPostgres.open(options as object);
    await expect(opening).rejects.toThrow(kind);
    await expect(opening).rejects.toThrow(message);
  });

  it.each(["lockWaitTimeout", "maintenanceInterval"])(
    "open() takes a %s that no timer is long enough for",
    (name) => {
      const longest = 2 ** 31 - 1;
      expect(resolveOptions({ [name]: "30d" })).toHaveProperty(`${name}Ms`, longest);
      expect(resolveOptions({ [name]: Infinity })).toHaveProperty(`${name}Ms`, Infinity);
    },
  );
});
