import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes test-results/summary.json in the package and prints the counts alone on one line. */
export default class SummaryReporter {
  #rootDir;

  constructor(globalConfig) {
    this.#rootDir = globalConfig.rootDir;
  }

  onTestFileStart(test) {
    process.send?.({ event: "begun", file: test.path });
  }

  onTestFileResult(test) {
    process.send?.({ event: "ended", file: test.path });
  }

  onRunComplete(_contexts, results) {
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
      node: process.version,
    };
    const folder = join(this.#rootDir, "test-results");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "summary.json"), `${JSON.stringify(counts)}\n`);
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
    process.send?.({ event: "complete" });
  }
}
