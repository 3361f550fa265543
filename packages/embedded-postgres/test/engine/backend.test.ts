import type { PGlite } from "@electric-sql/pglite";
import { describe, expect, it } from "@jest/globals";

import { Backend } from "../../src/engine/backend.js";
import { errorResponse, queryMessage } from "../../src/protocol/messages.js";

const backendThat = (answer: (data: (bytes: Uint8Array) => void) => Promise<void>) => {
  const execProtocolRawStream: PGlite["execProtocolRawStream"] = (_message, options) =>
    answer(options.onRawData);
  const backend = new Backend({ execProtocolRawStream } as PGlite);
  const failures: Error[] = [];
  backend.onFailure((error) => failures.push(error));
  return { backend, failures };
};

describe("Backend", () => {
  it("is dead after a FATAL error, and says so once", () => {
    const fatal = errorResponse({ severity: "FATAL", code: "57P01", message: "the end" });
    const { backend, failures } = backendThat(async (data) => data(fatal));
    expect(backend.exchange(queryMessage("select 1")).bytes).toEqual(fatal);
    expect(failures.map(({ message }) => message)).toEqual(["the end (57P01)"]);
    expect(() => backend.exchange(queryMessage("select 1"))).toThrow("the end");
    expect(failures).toHaveLength(1);
  });

  it("is dead after the engine has thrown", async () => {
    const { backend, failures } = backendThat(async () => {
      throw new Error("unreachable");
    });
    backend.exchange(queryMessage("select 1"));
    await Promise.resolve();
    expect(failures.map(({ message }) => message)).toEqual(["unreachable"]);
  });

  it("rows() throws what PostgreSQL refuses, and stays alive", () => {
    const error = errorResponse({ severity: "ERROR", code: "42P01", message: "no such table" });
    const { backend, failures } = backendThat(async (data) => data(error));
    expect(() => backend.rows("select")).toThrow(expect.objectContaining({ code: "42P01" }));
    expect(failures).toEqual([]);
  });
});
