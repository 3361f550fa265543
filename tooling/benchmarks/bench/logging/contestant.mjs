// node contestant.mjs LIBRARY WORK answer|measure: sends the lines that it leaves in a file, or how many calls a second.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [library, work, wanted] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "infra-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const request = { requestId: "5f2c8a", traceId: "0af7651916cd43dd" };
const own = { service: "orders", instance: 3 };

/** `{ log, close }`: logs one line; resolves when all of them are in the file. */
const makers = {
  /** With errors and redaction, as it comes. */
  async "@infra/logging"(file) {
    const { LoggerService, withContext } = await import("@infra/logging");
    const logger = new LoggerService({ console: false, file, maxFileSize: Infinity });
    const child = logger.child(own);
    return {
      run:
        work === "child"
          ? (loop) => withContext(request, () => loop(child))
          : (loop) => loop(logger),
      close: () => logger.stop(),
    };
  },

  /** Its JSON with the time: no errors, no redaction. */
  async winston(file) {
    const { default: winston } = await import("winston");
    const transport = new winston.transports.File({ filename: file });
    const { combine, timestamp, json } = winston.format;
    const logger = winston.createLogger({
      format: combine(timestamp(), json()),
      transports: [transport],
    });
    const child = logger.child(own).child(request);
    return {
      run: (loop) => loop(work === "child" ? child : logger),
      close: () =>
        new Promise((resolve) => {
          transport.once("finish", resolve);
          logger.end();
        }),
    };
  },

  /** Buffered; no redaction. */
  async pino(file) {
    const { default: pino } = await import("pino");
    const destination = pino.destination({ dest: file, sync: false, minLength: 4096 });
    const options = { base: null, timestamp: pino.stdTimeFunctions.isoTime };
    const logger = pino(
      { ...options, messageKey: "message", formatters: { level: (level) => ({ level }) } },
      destination,
    );
    const child = logger.child(own).child(request);
    return {
      run: (loop) => loop(swapped(work === "child" ? child : logger)),
      close: () =>
        new Promise((resolve) => {
          destination.once("close", resolve);
          destination.end();
        }),
    };
  },
};

const loops = {
  "5 fields": (count) => (logger) => {
    for (let at = 0; at < count; at += 1) {
      logger.info("order placed", {
        orderId: at,
        customer: "c-1234",
        total: 99.5,
        paid: true,
        items: ["a", "b"],
      });
    }
  },
  child: (count) => (logger) => {
    for (let at = 0; at < count; at += 1) logger.info("order placed", { orderId: at });
  },
  disabled: (count) => (logger) => {
    for (let at = 0; at < count; at += 1) logger.debug("order placed", { orderId: at });
  },
};

/** pino takes the fields first. */
const swapped = (target) => ({
  info: (message, fields) => target.info(fields, message),
  debug: (message, fields) => target.debug(fields, message),
});

let files = 0;

/** Resolves to the calls a second and the lines. */
async function turn(count) {
  const file = join(folder, `${(files += 1)}.log`);
  const { run, close } = await makers[library](file);
  const startMs = performance.now();
  run(loops[work](count));
  if (work !== "disabled") await close();
  const perSecond = (1000 * count) / (performance.now() - startMs);
  if (work === "disabled") await close();
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  const expected = work === "disabled" ? 0 : count;
  if (lines.length !== expected) throw new Error(`${lines.length} lines, not ${expected}`);
  return { perSecond, lines };
}

if (wanted === "answer") {
  const { lines } = await turn(3);
  process.send(
    lines.map((line) => {
      const { timestamp: _timestamp, time: _time, ...rest } = JSON.parse(line);
      return rest;
    }),
  );
} else {
  const count = work === "disabled" ? 100_000 : 10_000;
  let most = 0;
  for (let at = 0; at < 5; at += 1) most = Math.max(most, (await turn(count)).perSecond);
  process.send(most);
}
