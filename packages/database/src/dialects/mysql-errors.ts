import { InfraError, isError } from "@infra/errors";

import {
  changedTable,
  connectionMessage,
  isLostConnection,
  originalMessage,
  rewriteMessage,
  statementDetails,
  type Ask,
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
import { violation, violationDetails } from "../violation.js";

/** What `mysql2` puts on an error. */
interface MysqlError extends DriverError {
  readonly errno?: number;
  readonly sqlState?: string;
}

/** Numbers of MariaDB that `mysql2` has another name for, or none. */
const names: Readonly<Record<number, string>> = {
  1020: "ER_CHECKREAD",
  1927: "ER_CONNECTION_KILLED",
  1969: "ER_STATEMENT_TIMEOUT",
  4025: "ER_CONSTRAINT_FAILED",
};

const tryAgain = "Somebody else was changing the same records; try again.";

/** `… fails (`shop`.`posts`, CONSTRAINT `posts_author` FOREIGN KEY (`user_id`) REFERENCES …` */
const foreignKey = /\(`[^`]*`\.`([^`]*)`, CONSTRAINT `([^`]*)` FOREIGN KEY \(([^)]*)\)/;

const columnsOfIndex = `select column_name as name from information_schema.statistics
  where table_schema = database() and table_name = ? and index_name = ? order by seq_in_index`;

/** Says which typed error an error of `mysql2` amounts to; the original stays as `cause`, with its values masked. */
export async function translateMysqlError(
  thrown: unknown,
  statement: string | undefined,
  ask: Ask,
): Promise<unknown> {
  if (InfraError.is(thrown) || !isError(thrown)) return thrown;
  const error: MysqlError = thrown;
  const original = originalMessage(error, statement);
  const code = names[error.errno ?? 0] ?? error.code ?? "";
  const message = maskValues(error.sqlState ?? "", original);
  // `sql` is the statement with its values in it
  rewriteMessage(error, message, ["sql", "sqlMessage"]);
  const details: StatementDetails = {
    ...(error.sqlState !== undefined && { sqlState: error.sqlState }),
    ...(code !== "" && { driverCode: code }),
    ...statementDetails(statement),
  };
  const options = { cause: error, details };
  const table = changedTable(statement);
  const violated = (
    kind: Parameters<typeof violation>[0],
    known: Parameters<typeof violationDetails>[1],
  ): InfraError => violation(kind, error, violationDetails(details, { table, ...known }));
  switch (code) {
    case "ER_DUP_ENTRY": {
      // MySQL says `table.index`, MariaDB the index alone
      const index = /for key '(?:[^']*\.)?([^'.]+)'$/.exec(original)?.[1];
      const rows = await ask(columnsOfIndex, [table, index]).catch(() => []);
      return violated("unique", {
        columns: rows.map(({ name }) => String(name)),
        constraint: index,
      });
    }
    case "ER_NO_REFERENCED_ROW":
    case "ER_NO_REFERENCED_ROW_2":
    case "ER_ROW_IS_REFERENCED":
    case "ER_ROW_IS_REFERENCED_2": {
      const [, owner, constraint, columns] = foreignKey.exec(original) ?? [];
      return violated("foreign key", {
        ...(owner !== undefined && { table: owner }),
        constraint,
        columns: columns?.split(", ").map((name) => name.replaceAll("`", "")) ?? [],
      });
    }
    case "ER_BAD_NULL_ERROR":
    case "ER_NO_DEFAULT_FOR_FIELD": {
      const column = /'([^']*)'/.exec(original)?.[1];
      return violated("not null", { columns: column === undefined ? [] : [column] });
    }
    case "ER_CHECK_CONSTRAINT_VIOLATED":
      return violated("check", { constraint: /'([^']*)'/.exec(original)?.[1] });
    case "ER_CONSTRAINT_FAILED":
      return violated("check", { constraint: /CONSTRAINT `([^`]*)`/.exec(original)?.[1] });
    case "ER_LOCK_DEADLOCK":
      return new DeadlockError(message, { ...options, publicMessage: tryAgain });
    case "ER_CHECKREAD":
      return new SerializationError(message, { ...options, publicMessage: tryAgain });
    case "ER_LOCK_WAIT_TIMEOUT":
    case "ER_LOCK_NOWAIT":
      return new LockTimeoutError(message, options);
    case "ER_QUERY_INTERRUPTED":
      return new CancelledError(message, options);
    case "ER_QUERY_TIMEOUT":
    case "ER_STATEMENT_TIMEOUT":
      return new QueryTimeoutError(message, options);
    // a wrong password or database does not get better by trying again
    case "ER_ACCESS_DENIED_ERROR":
    case "ER_DBACCESS_DENIED_ERROR":
    case "ER_BAD_DB_ERROR":
      return new ConnectionError(message, { ...options, retryable: false });
    default:
      break;
  }
  const lost = isLostConnection({ ...error, code });
  if (lost || /closed state|closed connection|connect ETIMEDOUT/i.test(original)) {
    return new ConnectionError(connectionMessage(error, message), options);
  }
  return error.sqlState === undefined ? error : new QueryError(message, options);
}

/** Messages about duplicates, wrong values (class 22) and syntax quote the value or the text; all others quote names. */
function maskValues(state: string, message: string): string {
  const masked = message
    .replace(/^(Duplicate entry )'[\s\S]*'( for key '[^']*')$/, "$1'?'$2")
    .replace(/( near )'[\s\S]*'( at line \d+)$/, "$1'?'$2");
  return state.startsWith("22")
    ? masked.replace(/'[\s\S]*?'(?= for (?:column|function) |$)/, "'?'")
    : masked;
}
