import { InfraError, isError } from "@infra/errors";

import {
  connectionMessage,
  isLostConnection,
  originalMessage,
  rewriteMessage,
  statementDetails,
  type DriverError,
} from "../driver-error.js";
import {
  CancelledError,
  ConnectionError,
  DeadlockError,
  LockTimeoutError,
  QueryError,
  QueryTimeoutError,
  SerializationError,
  type StatementDetails,
} from "../errors.js";
import { violation, violationDetails, type ViolationKind } from "../violation.js";

/** What `pg` puts on an error; every field may be missing. */
interface PostgresError extends DriverError {
  readonly detail?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

const tryAgain = "Somebody else was changing the same records; try again.";

/** Errors of `pg` that carry no code. */
const lostConnection =
  /Connection terminated|connection error and is not queryable|timeout expired|Client was closed|Query read timeout|socket|embedded database is closed/i;

const violations: Readonly<Record<string, ViolationKind>> = {
  "23505": "unique",
  "23503": "foreign key",
  "23502": "not null",
  "23514": "check",
  "23P01": "check",
};

/** Says which typed error an error of `pg` amounts to; the original stays as `cause`, with its values masked. */
export function translatePostgresError(thrown: unknown, statement?: string): unknown {
  if (InfraError.is(thrown) || !isError(thrown)) return thrown;
  const error: PostgresError = thrown;
  const original = originalMessage(error, statement);
  const state = error.code ?? "";
  const message = maskValues(state, original);
  // `detail` and its like hold values: they stay readable, but nothing prints them
  rewriteMessage(error, message, ["detail", "where", "internalQuery"]);
  const details: StatementDetails = {
    ...(/^[0-9A-Z]{5}$/.test(state) && { sqlState: state }),
    ...statementDetails(statement),
  };
  const options = { cause: error, details };
  const kind = violations[state];
  if (kind) {
    const { schema, table, constraint } = error;
    const known = { schema, table, constraint, columns: columnsOf(error) };
    return violation(kind, error, violationDetails(details, known));
  }
  switch (state) {
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
  if (isLostConnection(error)) {
    return new ConnectionError(connectionMessage(error, message), options);
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

/** PostgreSQL names the columns of a key only in `Key (a, b)=(1, 2) already exists.` */
function columnsOf(error: PostgresError): readonly string[] {
  if (error.column !== undefined) return [error.column];
  const key = /\((.+?)\)=\(/.exec(error.detail ?? "")?.[1];
  return key?.split(", ").map((name) => name.replace(/^"(.*)"$/, "$1")) ?? [];
}
