import { InfraError, isError } from "@infra/errors";

import {
  CancelledError,
  CheckViolationError,
  ConnectionError,
  DeadlockError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  QueryError,
  QueryTimeoutError,
  SerializationError,
  UniqueViolationError,
  type StatementDetails,
  type ViolationDetails,
} from "./errors.js";
import { redactSql } from "./redact.js";

/** What `pg` puts on an error; every field may be missing. */
interface PostgresError extends Error {
  errors?: readonly Error[];
  code?: string;
  detail?: string;
  schema?: string;
  table?: string;
  column?: string;
  constraint?: string;
}

const conflict = "The request conflicts with what is stored already.";
const refused = "A value was refused by the database.";
const tryAgain = "Somebody else was changing the same records; try again.";

/** Errors of `pg` that carry no code. */
const lostConnection =
  /Connection terminated|connection error and is not queryable|timeout expired|Client was closed|Query read timeout|socket|embedded database is closed/i;

/** Codes of Node.js that mean: nobody there, or no longer. */
const networkCode =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/;

/** Says which typed error an error of `pg` amounts to; the original stays as `cause`, with its values masked. */
export function translatePostgresError(thrown: unknown, statement?: string): unknown {
  if (InfraError.is(thrown) || !isError(thrown)) return thrown;
  const error: PostgresError = thrown;
  const prefix = statement === undefined ? "" : `${statement} - `;
  // knex writes the statement into the driver's message
  const original = error.message.startsWith(prefix)
    ? error.message.slice(prefix.length)
    : error.message;
  const state = error.code ?? "";
  const message = maskValues(state, original);
  hideValues(error, message);
  const details: StatementDetails = {
    ...(/^[0-9A-Z]{5}$/.test(state) && { sqlState: state }),
    ...(statement !== undefined && { sql: redactSql(statement) }),
  };
  const options = { cause: error, details };
  switch (state) {
    case "23505":
      return new UniqueViolationError(
        `${where(error)} has a row with the same ${columns(error)}${constraint(error)}`,
        { cause: error, details: violation(error, details), publicMessage: conflict },
      );
    case "23503":
      return new ForeignKeyViolationError(
        `${where(error)} and what its ${columns(error)} refers to would no longer agree${constraint(error)}`,
        { cause: error, details: violation(error, details), publicMessage: conflict },
      );
    case "23502":
      return new NotNullViolationError(`${where(error)} needs a value in ${columns(error)}`, {
        cause: error,
        details: violation(error, details),
        publicMessage: refused,
      });
    case "23514":
    case "23P01":
      return new CheckViolationError(`${where(error)} refused the row${constraint(error)}`, {
        cause: error,
        details: violation(error, details),
        publicMessage: refused,
      });
    case "40P01":
      return new DeadlockError(message, { ...options, publicMessage: tryAgain });
    case "40001":
      return new SerializationError(message, { ...options, publicMessage: tryAgain });
    case "55P03":
      return new LockTimeoutError(message, options);
    case "57014":
      return /timeout/.test(original)
        ? new QueryTimeoutError(message, options)
        : new CancelledError(message, options);
    default:
      break;
  }
  if (/^(08|57P0|53300)/.test(state) || networkCode.test(state)) {
    // a host with several addresses gives an error for each, and no message
    const each = (error.errors ?? []).map((one) => one.message).join(", ");
    return new ConnectionError(message || each || state, options);
  }
  // a wrong password or database does not get better by trying again
  if (/^(28|3D)/.test(state)) return new ConnectionError(message, { ...options, retryable: false });
  if (state === "" && lostConnection.test(original)) return new ConnectionError(message, options);
  // an error that no engine sent is a mistake of the caller or of knex, and stays itself
  return "sqlState" in details ? new QueryError(message, options) : error;
}

/** Messages of class 22 (data exceptions) quote the value; all others quote names. */
function maskValues(state: string, message: string): string {
  return state.startsWith("22") ? message.replace(/"[^"]*"/g, '"?"') : message;
}

/** `detail` and its like hold values: they stay readable, but nothing prints them. */
function hideValues(error: PostgresError, message: string): void {
  const stack = error.stack;
  if (error.message !== message) error.message = message;
  if (stack !== undefined) {
    const frames = stack.indexOf("\n    at ");
    error.stack = `${error.name}: ${message}${frames < 0 ? "" : stack.slice(frames)}`;
  }
  for (const key of ["detail", "where", "internalQuery"]) {
    if (key in error) Object.defineProperty(error, key, { enumerable: false });
  }
}

function violation(error: PostgresError, details: StatementDetails): ViolationDetails {
  const named = columnsOf(error);
  return {
    ...details,
    ...(error.schema !== undefined && { schema: error.schema }),
    ...(error.table !== undefined && { table: error.table }),
    ...(named[0] !== undefined && { column: named[0], columns: named }),
    ...(error.constraint !== undefined && { constraint: error.constraint }),
  };
}

/** PostgreSQL names the columns of a key only in `Key (a, b)=(1, 2) already exists.` */
function columnsOf(error: PostgresError): readonly string[] {
  if (error.column !== undefined) return [error.column];
  const key = /\((.+?)\)=\(/.exec(error.detail ?? "")?.[1];
  return key?.split(", ").map((name) => name.replace(/^"(.*)"$/, "$1")) ?? [];
}

const where = (error: PostgresError): string =>
  error.table === undefined ? "the table" : `table "${error.table}"`;

const columns = (error: PostgresError): string => {
  const named = columnsOf(error);
  return named.length === 0 ? "columns" : named.map((name) => `"${name}"`).join(", ");
};

const constraint = (error: PostgresError): string =>
  error.constraint === undefined ? "" : ` (constraint "${error.constraint}")`;
