import { InfraError, isError } from "@infra/errors";

import {
  changedTable,
  originalMessage,
  rewriteMessage,
  statementDetails,
  type Ask,
  type DriverError,
} from "../driver-error.js";
import { ConnectionError, LockTimeoutError, QueryError, type StatementDetails } from "../errors.js";
import { violation, violationDetails } from "../violation.js";

const uniqueIndexes = `select list.name as name,
    (select group_concat(name, ',') from (select name from pragma_index_info(list.name) order by seqno)) as columns
  from pragma_index_list(?) as list where list."unique" and list.origin <> 'pk'`;

/** Whether another connection, of another process, has the file. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test((error as DriverError | undefined)?.code ?? "");
}

/** Says which typed error an error of `better-sqlite3` amounts to; the original stays as `cause`. */
export async function translateSqliteError(
  thrown: unknown,
  statement: string | undefined,
  ask: Ask,
): Promise<unknown> {
  if (InfraError.is(thrown) || !isError(thrown)) return thrown;
  const error: DriverError = thrown;
  const code = error.code ?? "";
  const message = maskValues(originalMessage(error, statement));
  rewriteMessage(error, message, []);
  // an error that no engine sent is a mistake of the caller or of knex, and stays itself
  if (!code.startsWith("SQLITE_")) return error;
  const details: StatementDetails = { driverCode: code, ...statementDetails(statement) };
  const options = { cause: error, details };
  const violated = (
    kind: Parameters<typeof violation>[0],
    known: Parameters<typeof violationDetails>[1],
  ): InfraError => violation(kind, error, violationDetails(details, known));
  switch (code) {
    case "SQLITE_CONSTRAINT_UNIQUE":
    case "SQLITE_CONSTRAINT_PRIMARYKEY":
    case "SQLITE_CONSTRAINT_ROWID": {
      const { table, columns } = namedColumns(message);
      const indexes = table === undefined ? [] : await ask(uniqueIndexes, [table]).catch(() => []);
      const index = indexes.find((each) => each["columns"] === columns.join(","));
      return violated("unique", { table, columns, constraint: index?.["name"] as string });
    }
    case "SQLITE_CONSTRAINT_NOTNULL":
      return violated("not null", namedColumns(message));
    case "SQLITE_CONSTRAINT_CHECK":
      return violated("check", {
        table: changedTable(statement),
        constraint: /failed: (.*)$/.exec(message)?.[1],
      });
    case "SQLITE_CONSTRAINT_FOREIGNKEY":
      return violated("foreign key", await onlyForeignKey(changedTable(statement), statement, ask));
    case "SQLITE_CANTOPEN":
    case "SQLITE_IOERR":
      return new ConnectionError(message, { ...options, retryable: false });
    default:
      return isBusy(error)
        ? new LockTimeoutError(message, options)
        : new QueryError(message, options);
  }
}

/** `UNIQUE constraint failed: users.email, users.name` */
function namedColumns(message: string): { table: string | undefined; columns: readonly string[] } {
  const pairs = (/failed: (.*)$/.exec(message)?.[1] ?? "")
    .split(", ")
    .map((name) => name.split("."))
    .filter((parts) => parts.length === 2);
  return { table: pairs[0]?.[0], columns: pairs.map(([, column]) => column!) };
}

/** SQLite does not say which foreign key it was: it is known when the table has one only. */
async function onlyForeignKey(
  table: string | undefined,
  statement: string | undefined,
  ask: Ask,
): Promise<Parameters<typeof violationDetails>[1]> {
  if (table === undefined || /^\s*delete/i.test(statement ?? "")) return { table };
  const parts = await ask(`select id, "from" as name from pragma_foreign_key_list(?)`, [table]);
  if (parts.length === 0 || parts.some(({ id }) => id !== parts[0]!["id"])) return { table };
  const columns = parts.map(({ name }) => String(name));
  const [made] = await ask("select sql from sqlite_master where type = 'table' and name = ?", [
    table,
  ]);
  const constraint = /constraint [`"]?(\w+)[`"]? foreign key/i.exec(String(made?.["sql"]))?.[1];
  return { table, columns, constraint };
}

/** Syntax errors quote the text around them. */
function maskValues(message: string): string {
  return message
    .replace(/^(unrecognized token: )"[\s\S]*"$/, '$1"?"')
    .replace(/^(near )"'[\s\S]*"(: syntax error)$/, '$1"?"$2');
}
