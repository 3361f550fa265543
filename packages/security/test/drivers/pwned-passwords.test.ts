import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "@jest/globals";

import { PwnedPasswordsApi } from "../../src/drivers/pwned-passwords.js";

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
}

// SHA-1 of "password": 5BAA6 1E4C9B93F3F0682250B6CF8331B7EE68FD8
const suffix = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

describe("PwnedPasswordsApi", () => {
  it("asks for five digits, padded, and finds the rest", async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push([request.url, request.headers["add-padding"]]);
      response.end(
        `0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n${suffix}:52256179\r\n011053FD0102E94D6AE2F8B83D76FAF94F6:0`,
      );
    });
    expect(await new PwnedPasswordsApi({ url }).count("password")).toBe(52_256_179);
    expect(asked).toEqual([["/range/5BAA6", "true"]]);
  });

  it("takes a URL without a slash at its end", async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url);
      response.end();
    });
    await new PwnedPasswordsApi({ url: url.slice(0, -1) }).count("password");
    expect(asked).toEqual(["/range/5BAA6"]);
  });

  it("does not find what is not there, nor what is padding", async () => {
    const url = await serve((_request, response) => response.end(`${suffix}:0\r\n`));
    expect(await new PwnedPasswordsApi({ url }).count("password")).toBe(0);
    expect(await new PwnedPasswordsApi({ url }).count("correct horse")).toBe(0);
  });

  it("is unavailable when it does not answer, in time or at all, without the password", async () => {
    const unavailable = { code: "ERR_UNAVAILABLE", retryable: true };
    const url = await serve((request, response) => {
      if (request.url === "/range/5BAA6") response.writeHead(503).end();
    });
    const api = new PwnedPasswordsApi({ url, timeout: 50 });
    await expect(api.count("password")).rejects.toMatchObject(unavailable);
    await expect(api.count("hangs")).rejects.toMatchObject(unavailable);
    await expect(
      new PwnedPasswordsApi({ url: "http://127.0.0.1:1/" }).count("x"),
    ).rejects.toMatchObject(unavailable);
  });

  it("gives up when the signal is aborted", async () => {
    const gone = new AbortController();
    const url = await serve(() => gone.abort(new Error("gone")));
    await expect(
      new PwnedPasswordsApi({ url }).count("x", { signal: gone.signal }),
    ).rejects.toThrow("gone");
  });
});
