import type { Knex } from "knex";

import { CursorError } from "./errors.js";

/** Options of `Repository.page`. */
export interface PageOptions<Row extends object> {
  /** Only rows whose columns equal these values. */
  readonly where?: { readonly [K in keyof Row]?: Row[K] };
  /** The columns to order by, without nulls; the key is added, so that no two rows are the same. @default the key */
  readonly orderBy?: keyof Row & string;
  /** @default "asc" */
  readonly direction?: "asc" | "desc";
  /** Rows at the most, up to 1,000. @default 50 */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

/** A page of rows. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** The cursor to go on from; `undefined` on the last page. */
  readonly next: string | undefined;
}

const longestPage = 1_000;

/** What {@link readPage} reads from. */
export interface PageSource<Row extends object> {
  readonly knex: Knex;
  /** The rows to page through. */
  readonly query: Knex.QueryBuilder<Row, Row[]>;
  readonly key: string;
  /** The type that a time is written out in. */
  readonly textType: string;
}

/** Holds the text of the column that is ordered by: a `Date` has fewer digits than a time in the database. */
const exact = "infra_cursor";

/** Reads one page, by the values of the last row of the page before rather than by counting. */
export async function readPage<Row extends object>(
  { knex, query, key, textType }: PageSource<Row>,
  { where = {}, orderBy = key as never, direction = "asc", limit = 50, after }: PageOptions<Row>,
): Promise<Page<Row>> {
  if (!Number.isInteger(limit) || limit < 1 || limit > longestPage) {
    throw new RangeError(`limit must be a whole number from 1 to ${longestPage}, got ${limit}`);
  }
  if (direction !== "asc" && direction !== "desc") {
    throw new RangeError(`direction must be "asc" or "desc", got ${JSON.stringify(direction)}`);
  }
  const columns: readonly string[] = orderBy === key ? [key] : [orderBy, key];
  const order = `${columns.join()} ${direction}`;
  let rows = query.where(where);
  if (after !== undefined) {
    const values = decode(after, order, columns.length);
    const beyond = direction === "asc" ? ">" : "<";
    rows = rows.andWhere((or) => {
      // (a, b) > (x, y), spelt out: not every engine uses an index for the short form
      columns.forEach((column, at) => {
        void or.orWhere((and) => {
          for (let before = 0; before < at; before += 1) {
            void and.where({ [columns[before]!]: values[before] });
          }
          void and.where(column, beyond, values[at] as string);
        });
      });
    });
  }
  for (const column of columns) rows = rows.orderBy(column, direction);
  const text = knex.raw(`cast(?? as ${textType}) as ??`, [orderBy, exact]);
  const found = (await rows.select("*", text).limit(limit + 1)) as unknown as Found[];
  const last = found[limit - 1];
  const next =
    found.length > limit
      ? encode(
          order,
          columns.map((column) => sortable(last!, column)),
        )
      : undefined;
  for (const row of found) delete row[exact];
  return { rows: found.slice(0, limit) as Row[], next };
}

type Found = Record<string, unknown>;

type CursorValue = string | number | boolean;

function sortable(row: Found, column: string): unknown {
  return row[column] instanceof Date ? row[exact] : row[column];
}

function encode(order: string, values: readonly unknown[]): string {
  const plain = values.map((value): CursorValue => {
    if (typeof value === "bigint") return String(value);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return value;
    }
    throw new TypeError(
      `pages can be ordered by numbers, texts and times, got ${value === null ? "null" : typeof value}`,
    );
  });
  return Buffer.from(JSON.stringify([order, ...plain])).toString("base64url");
}

function decode(cursor: string, order: string, length: number): readonly unknown[] {
  try {
    const [given, ...values] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as [
      string,
      ...CursorValue[],
    ];
    const sound = values.every((value) => value !== null && typeof value !== "object");
    if (given === order && values.length === length && sound) return values;
  } catch {
    // not one of ours
  }
  throw new CursorError("after is not a cursor of this list in this order", {
    publicMessage: "The cursor is not valid for this list.",
  });
}
