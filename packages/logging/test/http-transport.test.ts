import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { Secret, type Clock } from "@infra/interfaces";
import { afterEach, describe, expect, it, jest } from "@jest/globals";

import {
  HttpTransport,
  LogDeliveryError,
  LoggerService,
  type HttpTransportOptions,
} from "../src/index.js";

interface Taken {
  readonly method: string | undefined;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly messages: readonly string[];
}

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A service that answers with these statuses in turn, then with 204. */
async function service(
  ...answers: readonly (readonly [status: number, headers?: Record<string, string>])[]
): Promise<{ url: string; taken: Taken[] }> {
  const taken: Taken[] = [];
  let at = 0;
  server = createServer(async (request, response) => {
    const body = await text(request);
    const list = body.startsWith("[") ? body : `[${body.trim().replaceAll("\n", ",")}]`;
    taken.push({
      method: request.method,
      type: request.headers["content-type"],
      authorization: request.headers.authorization,
      messages: (JSON.parse(list) as { message: string }[]).map(({ message }) => message),
    });
    const [status, headers] = answers[at++] ?? [204];
    response.writeHead(status, headers).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, taken };
}

/** A clock whose timers of these delays run at once, and which notes what was waited for. */
function quickClock(waits: number[]): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimeout(callback, delayMs) {
      if (delayMs === 10_000) return () => {}; // the timeout of an attempt
      waits.push(delayMs);
      const timer = setImmediate(callback);
      return () => clearImmediate(timer);
    },
  };
}

function make(options: HttpTransportOptions, clock?: Clock) {
  const onTransportError = jest.fn<(name: string, error: unknown) => void>();
  const transport = new HttpTransport(options, clock && { clock });
  const logger = new LoggerService({ console: false, transports: [transport], onTransportError });
  return { logger, onTransportError };
}

const neverAnswering = (_: unknown, init?: RequestInit): Promise<Response> =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
  });

describe("HttpTransport", () => {
  it("posts lines in batches, in their order, and the rest when the logger stops", async () => {
    const { url, taken } = await service();
    const { logger } = make({
      url,
      batchSize: 3,
      batchDelay: "1h",
      headers: { authorization: new Secret("Bearer abc") },
    });
    for (let at = 1; at <= 7; at++) logger.info(String(at));
    await logger.stop();
    expect(taken.map(({ messages }) => messages)).toEqual([
      ["1", "2", "3"],
      ["4", "5", "6"],
      ["7"],
    ]);
    expect(taken[0]).toMatchObject({
      method: "POST",
      type: "application/x-ndjson",
      authorization: "Bearer abc",
    });
    expect(logger.stats().transports[0]).toMatchObject({ written: 7, failed: 0, queued: 0 });
  });

  it("sends a batch that is not full after batchDelay, as a JSON list if told so", async () => {
    const { url, taken } = await service();
    const { logger } = make({ url, batchDelay: 1, format: "json" });
    logger.info("alone");
    await once(server!, "request");
    await logger.flush();
    expect(taken).toMatchObject([{ type: "application/json", messages: ["alone"] }]);
    await logger.stop();
  });

  it("sends again what was not taken, later each time, as late as Retry-After says", async () => {
    const { url, taken } = await service([503], [429, { "retry-after": "7" }], [500]);
    const waits: number[] = [];
    const { logger, onTransportError } = make({ url, retryDelay: 100 }, quickClock(waits));
    logger.info("a");
    await logger.flush();
    expect(taken).toHaveLength(4);
    expect(waits).toEqual([100, 7000, 400]);
    expect(onTransportError).not.toHaveBeenCalled();
    await logger.stop();
  });

  it("gives up after its retries, at once on what will not get better, and counts the lines", async () => {
    const { url, taken } = await service([503], [503], [400]);
    const { logger, onTransportError } = make({ url, retries: 1, batchSize: 2 }, quickClock([]));
    for (const message of ["a", "b", "c", "d", "e"]) logger.info(message);
    await logger.flush();
    expect(taken.map(({ messages }) => messages.join(""))).toEqual(["ab", "ab", "cd", "e"]);
    expect(logger.stats().transports[0]).toMatchObject({ written: 1, failed: 4 });
    expect(onTransportError).toHaveBeenCalledTimes(1);
    const [name, error] = onTransportError.mock.calls[0]!;
    expect(name).toBe(`http ${new URL(url).host}`);
    expect(LogDeliveryError.is(error) && error.details).toEqual({ lines: 2, responseStatus: 503 });
    await logger.stop();
  });

  it("bounds what waits while nobody answers, and stop() ends", async () => {
    const transport = new HttpTransport(
      { url: "https://logs.example", batchSize: 2 },
      { fetch: neverAnswering },
    );
    const failures: unknown[] = [];
    const logger = new LoggerService({
      console: false,
      transports: [transport],
      maxQueued: 5,
      drainTimeout: 5,
      onTransportError: (_name, error) => failures.push(error),
    });
    for (let at = 0; at < 20; at++) logger.info("x");
    expect(logger.stats().transports[0]).toMatchObject({ queued: 5, dropped: 13 });
    await logger.stop();
    expect(logger.stats().transports[0]).toMatchObject({ queued: 0, dropped: 18, failed: 2 });
    expect(failures).toMatchObject([{ code: "ERR_LOGGING_UNDELIVERED" }]);
  });

  it.each([
    [{ url: "nowhere" }, "url must be an http or https URL"],
    [{ url: "file:///x" }, "url must be an http or https URL"],
    [{ url: "https://u:hunter2@x.example" }, "credentials"],
    [{ url: "https://x.example", batchSize: 0 }, "batchSize must be a whole number from 1, got 0"],
    [{ url: "https://x.example", retries: -1 }, "retries must be a whole number from 0, got -1"],
    [{ url: "https://x.example", format: "xml" as never }, 'ndjson or json; got "xml"'],
    [{ url: "https://x.example", timeout: "soon" as never }, "HttpTransport: timeout"],
    [
      { url: "https://x.example", headers: { authorization: new Secret("hunter2\n3") } },
      'which "authorization" is not',
    ],
  ])("refuses %j", (options, message) => {
    expect(() => new HttpTransport(options)).toThrow(message);
    expect(() => new HttpTransport(options)).not.toThrow("hunter2");
  });
});
