// One line of the access log, to the file.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "Lines of an access log, made of a request and its response, until all are in a file";
export const unit = "lines/s";
export const packages = ["@infra/middleware", "@infra/logging"];

export function versions() {
  return versionsOf("winston");
}

export const contestants = ["winston", "@infra/middleware"].map((name) => ({
  name,
  group: "line",
  /** The line, without its times. */
  answer: () => inOwnProcess(program(), name, "answer"),
  measure: async () => ({ value: await inOwnProcess(program(), name, "measure") }),
}));

// at most 0.6 of the cost
export const bars = [{ contestant: "@infra/middleware", against: "winston", least: 1 / 0.6 }];

function program() {
  return join(import.meta.dirname, "server", "line.mjs");
}
