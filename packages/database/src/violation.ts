import type { InfraError } from "@infra/errors";

import {
  CheckViolationError,
  ForeignKeyViolationError,
  NotNullViolationError,
  UniqueViolationError,
  type ViolationDetails,
} from "./errors.js";

/** Which rule of the schema was broken. */
export type ViolationKind = "unique" | "foreign key" | "not null" | "check";

const conflict = "The request conflicts with what is stored already.";
const refused = "A value was refused by the database.";

/** The typed error of a violation, in the same words on every engine. */
export function violation(
  kind: ViolationKind,
  cause: unknown,
  details: ViolationDetails,
): InfraError {
  const { table, columns = [], constraint } = details;
  const where = table === undefined ? "the table" : `table "${table}"`;
  const named =
    columns.length === 0 ? "columns" : columns.map((column) => `"${column}"`).join(", ");
  const by = constraint === undefined ? "" : ` (constraint "${constraint}")`;
  const errors: Readonly<Record<ViolationKind, () => InfraError>> = {
    unique: () =>
      new UniqueViolationError(`${where} has a row with the same ${named}${by}`, {
        cause,
        details,
        publicMessage: conflict,
      }),
    "foreign key": () =>
      new ForeignKeyViolationError(
        `${where} and what its ${named} refers to would no longer agree${by}`,
        { cause, details, publicMessage: conflict },
      ),
    "not null": () =>
      new NotNullViolationError(`${where} needs a value in ${named}`, {
        cause,
        details,
        publicMessage: refused,
      }),
    check: () =>
      new CheckViolationError(`${where} refused the row${by}`, {
        cause,
        details,
        publicMessage: refused,
      }),
  };
  return errors[kind]();
}

/** The details of a violation; what is not known is left out. */
export function violationDetails(
  details: ViolationDetails,
  known: {
    readonly schema?: string | undefined;
    readonly table?: string | undefined;
    readonly columns?: readonly string[];
    readonly constraint?: string | undefined;
  },
): ViolationDetails {
  const { schema, table, columns = [], constraint } = known;
  return {
    ...details,
    ...(schema !== undefined && { schema }),
    ...(table !== undefined && { table }),
    ...(columns[0] !== undefined && { column: columns[0], columns }),
    ...(constraint !== undefined && { constraint }),
  };
}
