import type { QueryOptions } from "@infra/interfaces";
import type { Knex } from "knex";

/** Runs what was built, or gives a fragment that knex understands. */
export interface StatementRunner {
  readonly knex: Knex;
  execute<Row>(raw: Knex.Raw, options?: QueryOptions): Promise<Row[]>;
}

/**
 * A statement written as a tagged template: what stands in `${…}` is bound, never pasted. Awaiting it runs it. A
 * statement, a builder of knex or `knex.ref("name")` inside another becomes a part of it.
 */
export class SqlStatement<Row = Record<string, unknown>> implements PromiseLike<Row[]> {
  readonly #runner: StatementRunner;
  readonly #texts: readonly string[];
  readonly #values: readonly unknown[];

  constructor(runner: StatementRunner, texts: readonly string[], values: readonly unknown[]) {
    this.#runner = runner;
    this.#texts = texts;
    this.#values = values;
  }

  /** Runs the statement and gives its rows. */
  async run(options?: QueryOptions): Promise<Row[]> {
    return this.#runner.execute<Row>(this.toRaw(), options);
  }

  /** Runs the statement and gives its first row. */
  async first(options?: QueryOptions): Promise<Row | undefined> {
    return (await this.run(options))[0];
  }

  /** The statement as knex has it. */
  toRaw(): Knex.Raw {
    // a ? of the text itself, such as the operator of jsonb, is no placeholder
    const sql = this.#texts.map((text) => text.replaceAll("?", "\\?")).join("?");
    const bindings = this.#values.map((value, at) => {
      if (value === undefined) {
        throw new TypeError(`value ${at + 1} of the statement is undefined; a SQL NULL is null`);
      }
      return value instanceof SqlStatement ? value.toRaw() : value;
    });
    return this.#runner.knex.raw(sql, bindings as Knex.RawBinding[]);
  }

  /** The text with `?` placeholders, and what is bound. */
  toSQL(): { readonly sql: string; readonly bindings: readonly unknown[] } {
    return this.toRaw().toSQL();
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting it is how it is run, as with knex
  then<A = Row[], B = never>(
    onResolve?: ((rows: Row[]) => A | PromiseLike<A>) | null,
    onReject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.run().then(onResolve, onReject);
  }
}
