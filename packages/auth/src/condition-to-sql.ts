import type { Condition, FieldTest } from "./condition.js";

/** A condition for a statement: with `?` for each of the bindings. */
export interface SqlCondition {
  readonly sql: string;
  readonly bindings: readonly unknown[];
}

/**
 * A condition as SQL, to list only what somebody may see: `select * from notes where ${sql}`.
 *
 * @param columns the column of each field; a field that is missing here is an error, not a column of its name.
 * @throws RangeError for a field without a column.
 */
export function conditionToSql(
  condition: Condition,
  columns: Readonly<Record<string, string>>,
): SqlCondition {
  switch (condition.kind) {
    case "always":
      return { sql: "1 = 1", bindings: [] };
    case "never":
      return { sql: "1 = 0", bindings: [] };
    case "not": {
      const { sql, bindings } = conditionToSql(condition.of, columns);
      return { sql: `not (${sql})`, bindings };
    }
    case "all":
    case "any": {
      const word = condition.kind === "all" ? " and " : " or ";
      return joined(
        condition.of.map((each) => conditionToSql(each, columns)),
        word,
      );
    }
    default:
      return joined(
        Object.entries(condition.fields).map(([name, test]) =>
          testToSql(columnOf(name, columns), test),
        ),
        " and ",
      );
  }
}

function columnOf(name: string, columns: Readonly<Record<string, string>>): string {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (column !== undefined) return column;
  throw new RangeError(`columns must name a column for the field ${JSON.stringify(name)}`);
}

/** Never NULL itself: a condition that is negated must be the contrary of what it was. */
function testToSql(column: string, test: FieldTest): SqlCondition {
  if (test === null) return { sql: `${column} is null`, bindings: [] };
  if (typeof test !== "object") {
    return { sql: `(${column} is not null and ${column} = ?)`, bindings: [test] };
  }
  if ("in" in test) {
    if (test.in.length === 0) return { sql: "1 = 0", bindings: [] };
    const marks = test.in.map(() => "?").join(", ");
    return { sql: `(${column} is not null and ${column} in (${marks}))`, bindings: test.in };
  }
  if (test.not === null) return { sql: `${column} is not null`, bindings: [] };
  return { sql: `(${column} is null or ${column} <> ?)`, bindings: [test.not] };
}

function joined(parts: readonly SqlCondition[], word: string): SqlCondition {
  if (parts.length === 0) return { sql: "1 = 1", bindings: [] };
  if (parts.length === 1) return parts[0]!;
  return {
    sql: `(${parts.map(({ sql }) => sql).join(word)})`,
    bindings: parts.flatMap(({ bindings }) => bindings),
  };
}
