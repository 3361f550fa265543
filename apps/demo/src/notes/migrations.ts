import type { Migration } from "@infra/database";

/** The schema of the notes, oldest step first. */
export const noteMigrations: readonly Migration[] = [
  {
    name: "001_notes",
    async up(knex) {
      await knex.schema.createTable("notes", (table) => {
        // version 7: its text order is the order of creation, which the pages go by
        table.uuid("id").primary();
        table.text("title").notNullable();
        table.text("body").notNullable();
        table.timestamp("created_at").notNullable().defaultTo(knex.fn.now());
      });
    },
    async down(knex) {
      await knex.schema.dropTable("notes");
    },
  },
];
