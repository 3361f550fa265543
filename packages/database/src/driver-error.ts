import { driverErrorOf, TimeoutError, UnavailableError } from "@infra/errors";

import { redactSql } from "./redact.js";

/** What a driver puts on its errors; every field may be missing. */
export interface DriverError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly errors?: readonly Error[];
}

/** What translating an error may ask of the connection that it came from. */
export type Ask = (
  sql: string,
  bindings: readonly unknown[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** The driver's own words: knex writes the statement in front of them. */
export function originalMessage(error: Error, statement: string | undefined): string {
  const prefix = `${statement} - `;
  return statement !== undefined && error.message.startsWith(prefix)
    ? error.message.slice(prefix.length)
    : error.message;
}

/** Gives an error another message, in its stack too; what it was made with is nowhere printed any more. */
export function rewriteMessage(error: Error, message: string, hidden: readonly string[]): void {
  const { stack } = error;
  if (error.message !== message) error.message = message;
  if (stack !== undefined) {
    const frames = stack.indexOf("\n    at ");
    error.stack = `${error.name}: ${message}${frames < 0 ? "" : stack.slice(frames)}`;
  }
  for (const key of hidden) {
    if (key in error) Object.defineProperty(error, key, { enumerable: false });
  }
}

/** Whether it means that nobody is there, or no longer; the codes are those of `driverErrors`. */
export function isLostConnection({ code, syscall }: DriverError): boolean {
  // a Unix socket that is not there is an ENOENT
  if (syscall === "connect") return true;
  const kind = driverErrorOf(code)?.class;
  return kind === UnavailableError || kind === TimeoutError;
}

/** A host with several addresses gives an error for each, and no message. */
export function connectionMessage(error: DriverError, message: string): string {
  const each = (error.errors ?? []).map((one) => one.message).join(", ");
  return message || each || (error.code ?? "the connection was lost");
}

/** The statement for the details of an error. */
export function statementDetails(statement: string | undefined): { readonly sql?: string } {
  return statement === undefined ? {} : { sql: redactSql(statement) };
}

/** The table that a statement changes, for engines that don't name it. */
export function changedTable(statement: string | undefined): string | undefined {
  const named =
    /^\s*(?:insert(?:\s+or\s+\w+)?(?:\s+ignore)?\s+into|replace\s+into|update|delete\s+from)\s+(?:[`"]?\w+[`"]?\.)?[`"]?(\w+)[`"]?/i;
  return named.exec(statement ?? "")?.[1];
}
