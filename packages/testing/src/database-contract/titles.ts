import type { ContractSuite } from "../database-contract.js";
import { beforeAll, beforeEach } from "../runner.js";

/** What tests do with {@link useTitles}. */
export interface Titles {
  readonly add: (title: string) => Promise<unknown>;
  /** In the order in which they were added. */
  readonly titles: () => Promise<string[]>;
}

/** The table `titles`, whose titles are unique: empty before each test of the `describe` that this is called in. */
export function useTitles({ db }: ContractSuite): Titles {
  beforeAll(async () => {
    const { schema } = db().knex;
    if (await schema.hasTable("titles")) return;
    await schema.createTable("titles", (table) => {
      table.increments("id");
      table.string("title").notNullable().unique();
    });
  });
  beforeEach(async () => {
    await db().query("delete from titles");
  });
  return {
    add: (title) => db().query("insert into titles (title) values (?)", [title]),
    titles: () => db().table<{ title: string }>("titles").orderBy("id").pluck("title"),
  };
}
