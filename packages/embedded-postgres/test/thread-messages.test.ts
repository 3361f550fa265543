import { PeerMissingError } from "@infra/errors";
import { describe, expect, it } from "@jest/globals";

import { EmbeddedPostgresRestoreError } from "../src/index.js";
import { fromPlain, toPlain } from "../src/thread-messages.js";

const travelled = (error: Error) => fromPlain(structuredClone(toPlain(error)));

describe("An error that travels between threads", () => {
  it("stays one of this package's, with its details and its cause", () => {
    const details = { line: 3, sqlState: "42601" };
    const error = travelled(
      new EmbeddedPostgresRestoreError("wrong", { details, cause: new TypeError("why") }),
    );
    expect(EmbeddedPostgresRestoreError.is(error)).toBe(true);
    expect(error).toMatchObject({ message: "wrong", details, cause: { message: "why" } });
  });

  it("stays a PeerMissingError", () => {
    const details = { package: "x", install: "x" };
    const error = travelled(new PeerMissingError("x is missing", { details }));
    expect(error).toMatchObject({ code: "ERR_PEER_MISSING", message: "x is missing", details });
  });

  it("keeps its message and its stack when it is another's", () => {
    const original = new Error("other");
    expect(travelled(original)).toMatchObject({ message: "other", stack: original.stack });
  });
});
