// node line.mjs NAME answer|measure: lines of an access log, in a file; sends the first, or how many a second.
import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { best } from "../../own-process.mjs";

const [name, wanted] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "infra-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

class Response extends EventEmitter {
  statusCode = 200;
  writableEnded = true;
  getHeader(header) {
    return header === "content-length" ? "27" : undefined;
  }
}

const request = {
  method: "GET",
  originalUrl: "/notes/7?full=true",
  headers: {},
  ip: "127.0.0.1",
  id: "7c1d8e4e-5d9f-4a0e-9b64-2f6f3f0f5a11",
  route: { path: "/notes/:id" },
};

const goOn = () => {};

/** `{ line, close }`: writes the line of one request. */
const makers = {
  async "@infra/middleware"(file) {
    const { LoggerService } = await import("@infra/logging");
    const { accessLog } = await import("@infra/middleware/access-log");
    const { onExpress } = await import("@infra/middleware/express");
    const logger = new LoggerService({ console: false, file, maxFileSize: Infinity });
    const handle = onExpress(accessLog, { logger });
    return {
      line() {
        const response = new Response();
        handle(request, response, goOn);
        response.emit("close");
      },
      close: () => logger.stop(),
    };
  },

  async winston(file) {
    const { default: winston } = await import("winston");
    const transport = new winston.transports.File({ filename: file });
    const { combine, timestamp, json } = winston.format;
    const logger = winston.createLogger({
      format: combine(timestamp(), json()),
      transports: [transport],
    });
    return {
      line() {
        const response = new Response();
        const startedAt = performance.now();
        response.on("close", () => {
          const [path] = request.originalUrl.split("?");
          const status = response.statusCode;
          logger.info(`${request.method} ${path} ${status}`, {
            method: request.method,
            path,
            route: request.route.path,
            status,
            elapsedMs: Math.round((performance.now() - startedAt) * 100) / 100,
            bytes: Number(response.getHeader("content-length")),
            ip: request.ip,
            requestId: request.id,
          });
        });
        response.emit("close");
      },
      close: () =>
        new Promise((resolve) => {
          transport.once("finish", resolve);
          logger.end();
        }),
    };
  },
};

let files = 0;

async function turn(count) {
  const file = join(folder, `${(files += 1)}.log`);
  const { line, close } = await makers[name](file);
  const startMs = performance.now();
  for (let at = 0; at < count; at += 1) line();
  await close();
  const perSecond = (1000 * count) / (performance.now() - startMs);
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  if (lines.length !== count) throw new Error(`${lines.length} lines, not ${count}`);
  rmSync(file);
  return { perSecond, lines };
}

if (wanted === "answer") {
  const { lines } = await turn(1);
  const { timestamp: _timestamp, elapsedMs, ...rest } = JSON.parse(lines[0]);
  process.send({ ...rest, elapsedMs: typeof elapsedMs });
} else {
  process.send(await best(async () => (await turn(20_000)).perSecond));
}
