import { isError } from "@infra/errors";
import type { Logger } from "@infra/interfaces";

/** What knex takes as `log`. */
export interface KnexLog {
  debug(message: unknown): void;
  warn(message: unknown): void;
  error(message: unknown): void;
  deprecate(method: string, alternative?: string): void;
}

/** A logger for knex, in the category `knex`: `knex({ log: knexLogger(logger) })`. */
export function knexLogger(logger: Logger): KnexLog {
  const own = logger.child({ category: "knex" });
  return {
    debug: (message) => say(own, "debug", message),
    warn: (message) => say(own, "warn", message),
    error: (message) => say(own, "error", message),
    // knex declares two arguments and gives one: the whole sentence (knex 3.3, lib/logger.js)
    deprecate: (method, alternative) =>
      say(
        own,
        "warn",
        alternative === undefined ? method : `${method} is deprecated, please use ${alternative}`,
      ),
  };
}

function say(logger: Logger, level: "debug" | "warn" | "error", message: unknown): void {
  if (isError(message)) logger[level](message.message, { error: message });
  else if (typeof message === "string") logger[level](message);
  else logger[level]("knex", { value: message });
}
