import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";

import { describeLogTransportContract } from "@infra/testing";
import { afterAll } from "@jest/globals";
import winston from "winston";

import { ConsoleTransport, FileTransport, HttpTransport, LogRecorder } from "../src/index.js";
import { adoptWinstonTransport, WinstonTransportAdapter } from "../src/winston-bridge.js";

const folder = mkdtempSync(join(tmpdir(), "infra-logging-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = (): string => join(folder, `${(files += 1)}.log`);
const linesIn = (file: string): string[] => {
  const lines = readFileSync(file, { encoding: "utf8", flag: "a+" }).split("\n");
  lines.pop(); // behind the last line break there is nothing
  return lines;
};

describeLogTransportContract("LogRecorder", () => {
  const transport = new LogRecorder();
  return { transport, read: () => transport.entries.map(({ line }) => line) };
});

describeLogTransportContract("ConsoleTransport", () => {
  const file = newFile();
  const fd = openSync(file, "w");
  const transport = new ConsoleTransport({ format: "json", fd });
  return { transport, read: () => linesIn(file), close: () => closeSync(fd) };
});

describeLogTransportContract("FileTransport", () => {
  const path = newFile();
  return { transport: new FileTransport({ path }), read: () => linesIn(path) };
});

for (const format of ["ndjson", "json"] as const) {
  describeLogTransportContract(`HttpTransport, ${format}`, async () => {
    const lines: string[] = [];
    const server = createServer(async (request, response) => {
      const body = await text(request);
      const entries =
        format === "json" ? body.slice(1, -1).split(/(?<=\}),(?=\{)/) : body.split("\n");
      lines.push(...entries.filter((line) => line !== ""));
      response.writeHead(204).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
      transport: new HttpTransport({ url: `http://127.0.0.1:${port}/`, format }),
      read: () => lines,
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  });
}

describeLogTransportContract("a transport of winston", () => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(String(chunk).slice(0, -1));
      done();
    },
  });
  const target = new winston.transports.Stream({ stream });
  adoptWinstonTransport(target);
  const transport = new WinstonTransportAdapter(target, (error) => {
    throw error;
  });
  return { transport, read: () => lines };
});
