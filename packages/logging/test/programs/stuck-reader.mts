// Logs more than a pipe holds while nobody reads, and says on stderr how long that took, in milliseconds.
import { LoggerService } from "../../src/index.js";

process.stdout.write("");
const logger = new LoggerService({ format: "json" });
const startMs = performance.now();
// long enough that one of them is written in part
for (let line = 0; line < 50; line++) logger.info("a line", { line, filler: "x".repeat(20_000) });
process.stderr.write(
  `${JSON.stringify({ tookMs: performance.now() - startMs, ...logger.stats() })}\n`,
);
process.stdin.once("data", () => {
  logger.info("the reader is back", { line: 50 });
  process.exit();
});
