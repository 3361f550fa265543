// Logs 1,000 lines to the standard output and to a file, then ends in the way that it is told.
import { LoggerService } from "../../src/index.js";

const [file, ending] = process.argv.slice(2) as [string, string];
// from then on a pipe does not wait for its reader by itself
process.stdout.write("");
const logger = new LoggerService({ format: "json", file });
for (let line = 0; line < 1000; line++) logger.info("a line", { line, filler: "x".repeat(300) });

switch (ending) {
  case "exit":
    process.exit(0);
    break;
  case "throw":
    throw new Error("thrown");
  case "rejection":
    void Promise.reject(new Error("rejected"));
    break;
  case "SIGTERM":
  case "SIGKILL":
    process.kill(process.pid, ending);
    break;
  default:
    await logger.stop();
}
