import { defineSection } from "@infra/interfaces";

import { isCategoryLevel } from "./category-levels.js";
import { isSampling } from "./log-filter.js";
import { thresholds } from "./log-threshold.js";
import { isRedactionPath } from "./redaction.js";

/** The section `logging` of the configuration. */
export const loggingConfig = defineSection("logging", {
  level: {
    doc: "The least urgent level that is logged.",
    format: "enum",
    values: thresholds,
    default: "info",
    env: "LOG_LEVEL",
  },
  levels: {
    doc: 'Levels of parts of the program: "database=debug,http=warn".',
    format: "list",
    default: [],
    env: "LOG_LEVELS",
    validate: (value) =>
      value.every((each) => isCategoryLevel(each))
        ? undefined
        : `must hold "<category>=<level>", with a level of ${thresholds.join(", ")}`,
  },
  format: {
    doc: "How lines on the console look: auto is pretty in a terminal, JSON everywhere else.",
    format: "enum",
    values: ["auto", "pretty", "json"],
    default: "auto",
    env: "LOG_FORMAT",
  },
  console: {
    doc: "Whether lines go to the standard output.",
    format: "boolean",
    default: true,
    env: "LOG_CONSOLE",
  },
  file: {
    doc: "A file that lines are appended to, as JSON.",
    format: "string",
    env: "LOG_FILE",
  },
  maxFileSize: {
    doc: "The file is put aside before it grows beyond this.",
    format: "bytes",
    default: "100mb",
    env: "LOG_FILE_MAX_SIZE",
  },
  maxFiles: {
    doc: "How many files that were put aside are kept.",
    format: "integer",
    default: 5,
    env: "LOG_FILE_MAX_FILES",
    validate: (value) => (value < 0 ? "must be a whole number from 0" : undefined),
  },
  maxFileAge: {
    doc: "Files that were put aside are removed when they are older than this; unset, they are not.",
    format: "duration",
    env: "LOG_FILE_MAX_AGE",
  },
  sampling: {
    doc: 'The share of lines below warn that is written, by category: "http.access=0.1".',
    format: "list",
    default: [],
    env: "LOG_SAMPLING",
    validate: (value) =>
      value.every((each) => isSampling(each))
        ? undefined
        : 'must hold "<category>=<share from 0 to 1>"',
  },
  maxPerSecond: {
    doc: "How many lines a category may write in a second; unset, there is no limit.",
    format: "integer",
    env: "LOG_MAX_PER_SECOND",
    validate: (value) => (value < 1 ? "must be a whole number from 1" : undefined),
  },
  redact: {
    doc: 'Further paths that are never shown: "user.iban", "**.pin".',
    format: "list",
    default: [],
    env: "LOG_REDACT",
    validate: (value) =>
      value.every((each) => isRedactionPath(each))
        ? undefined
        : 'must hold paths such as "user.password", "*.token", "**.pin"',
  },
});
