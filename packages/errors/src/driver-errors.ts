import { InfraError, type InfraErrorClass } from "./infra-error.js";
import { read } from "./plain-json.js";
import {
  CancelledError,
  ConflictError,
  InternalError,
  TimeoutError,
  UnavailableError,
  ValidationError,
} from "./semantic-errors.js";
import { isError } from "./to-error.js";

/** What a driver's code amounts to. */
export interface DriverErrorEntry {
  readonly class: InfraErrorClass;
  /** What it means, for the log. */
  readonly message: string;
  /** What a client may read; the driver's own words are never shown, for they quote values. */
  readonly publicMessage?: string;
  readonly retryable?: boolean;
}

/** By code: `ECONNREFUSED`, `23505`; or by the first two characters of an SQLSTATE for its whole class: `08`. */
export type DriverErrorTable = Readonly<Record<string, DriverErrorEntry>>;

const unreachable: DriverErrorEntry = {
  class: UnavailableError,
  message: "something that this depends on can't be reached",
};
const timedOut: DriverErrorEntry = { class: TimeoutError, message: "it took too long" };
const conflict: DriverErrorEntry = {
  class: ConflictError,
  message: "what is stored already does not allow it",
  publicMessage: "The request conflicts with what is stored already.",
};
const refused: DriverErrorEntry = {
  class: ValidationError,
  message: "a value was refused",
  publicMessage: "A value was refused.",
};
const concurrent: DriverErrorEntry = {
  class: ConflictError,
  message: "somebody else was changing the same records",
  publicMessage: "Somebody else was changing the same records; try again.",
  retryable: true,
};
const cancelled: DriverErrorEntry = {
  class: CancelledError,
  message: "it was cancelled",
  publicMessage: "It was cancelled.",
};
const overloaded: DriverErrorEntry = {
  class: UnavailableError,
  message: "something that this depends on has no room for more",
};

/**
 * The codes of Node.js, of PostgreSQL and its kin (SQLSTATE), of MySQL and SQLite that have a meaning of their own. Extend
 * it by spreading: `{ ...driverErrors, ER_LOCK_WAIT_TIMEOUT: { class: TimeoutError, message: "…" } }`.
 */
export const driverErrors: DriverErrorTable = {
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  ECONNABORTED: unreachable,
  EPIPE: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  UND_ERR_SOCKET: unreachable,
  ETIMEDOUT: timedOut,
  ESOCKETTIMEDOUT: timedOut,
  UND_ERR_CONNECT_TIMEOUT: timedOut,
  UND_ERR_HEADERS_TIMEOUT: timedOut,
  UND_ERR_BODY_TIMEOUT: timedOut,
  ABORT_ERR: cancelled,
  EMFILE: overloaded,
  ENFILE: overloaded,
  ENOSPC: { class: InternalError, message: "the disk is full" },

  "08": unreachable,
  "57P01": unreachable,
  "57P02": unreachable,
  "57P03": unreachable,
  "57P05": unreachable,
  "53300": overloaded,
  "22": refused,
  "23505": conflict,
  "23503": conflict,
  "23502": refused,
  "23514": refused,
  "23P01": refused,
  "40001": concurrent,
  "40P01": concurrent,
  "55P03": timedOut,
  "57014": cancelled,

  ER_DUP_ENTRY: conflict,
  ER_ROW_IS_REFERENCED: conflict,
  ER_ROW_IS_REFERENCED_2: conflict,
  ER_NO_REFERENCED_ROW: conflict,
  ER_NO_REFERENCED_ROW_2: conflict,
  ER_BAD_NULL_ERROR: refused,
  ER_NO_DEFAULT_FOR_FIELD: refused,
  ER_CHECK_CONSTRAINT_VIOLATED: refused,
  ER_LOCK_DEADLOCK: concurrent,
  ER_CHECKREAD: concurrent,
  ER_LOCK_WAIT_TIMEOUT: timedOut,
  ER_QUERY_INTERRUPTED: cancelled,
  ER_CON_COUNT_ERROR: overloaded,
  ER_SERVER_SHUTDOWN: unreachable,
  ER_CONNECTION_KILLED: unreachable,
  PROTOCOL_CONNECTION_LOST: unreachable,

  SQLITE_CONSTRAINT_UNIQUE: conflict,
  SQLITE_CONSTRAINT_PRIMARYKEY: conflict,
  SQLITE_CONSTRAINT_FOREIGNKEY: conflict,
  SQLITE_CONSTRAINT_NOTNULL: refused,
  SQLITE_CONSTRAINT_CHECK: refused,
  SQLITE_BUSY: concurrent,
  SQLITE_LOCKED: concurrent,
};

const maxCauses = 8;

/** The entry for a code, if the table has one. */
export function driverErrorOf(
  code: unknown,
  table: DriverErrorTable = driverErrors,
): DriverErrorEntry | undefined {
  if (typeof code !== "string") return undefined;
  if (Object.hasOwn(table, code)) return table[code];
  const sqlClass = /^[0-9A-Z]{5}$/.test(code) ? code.slice(0, 2) : "";
  return Object.hasOwn(table, sqlClass) ? table[sqlClass] : undefined;
}

/**
 * Whatever was thrown as an {@link InfraError}: one as it is; an error of a driver, or one caused by it, as what its code
 * means; an abort as a cancellation or a time-out; anything else as an {@link InternalError}. The original is the `cause`.
 */
export function toInfraError(thrown: unknown, table: DriverErrorTable = driverErrors): InfraError {
  if (InfraError.is(thrown)) return thrown;
  let at = thrown;
  for (let n = 0; n < maxCauses && isError(at); n += 1) {
    const code = read(at, "code");
    const entry = driverErrorOf(code, table) ?? ofAbort(read(at, "name"));
    if (entry) {
      const { publicMessage, retryable } = entry;
      return new entry.class(`${entry.message}${typeof code === "string" ? ` (${code})` : ""}`, {
        cause: thrown,
        ...(publicMessage !== undefined && { publicMessage }),
        ...(retryable !== undefined && { retryable }),
      });
    }
    at = read(at, "cause");
  }
  return new InternalError("unexpected error", { cause: thrown });
}

/** How the platform's own aborts are called. */
function ofAbort(name: unknown): DriverErrorEntry | undefined {
  if (name === "AbortError") return cancelled;
  return name === "TimeoutError" ? timedOut : undefined;
}
