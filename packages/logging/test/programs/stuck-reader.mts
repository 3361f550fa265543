// Logs more than a pipe holds while nobody reads, and says on stderr how long that took, in milliseconds.
import { LoggerService } from "../../src/index.js";

process.stdout.write("");
const logger = new LoggerService({ format: "json" });
const startMs = performance.now();
// more than fits in at once, so that one of them is written in part
const filler = Array.from({ length: 10 }, () => "x".repeat(30_000));
for (let line = 0; line < 10; line++) logger.info("a line", { line, filler });
process.stderr.write(
  `${JSON.stringify({ tookMs: performance.now() - startMs, ...logger.stats() })}\n`,
);
process.stdin.once("data", () => {
  logger.info("the reader is back", { line: 10 });
  process.exit();
});
