import type { PGlite } from "@electric-sql/pglite";

/**
 * What is left to do after initdb. The databases that CREATE DATABASE copies go: nobody can connect to another database
 * here, they are two thirds of the files, and nothing would ever freeze their rows.
 */
export async function finishNewDatabase(pglite: PGlite): Promise<void> {
  const statements = [
    "update pg_catalog.pg_database set datistemplate = false",
    "drop database template1",
    "drop database template0",
    "vacuum (freeze, analyze)",
    "checkpoint",
  ];
  for (const statement of statements) await pglite.exec(statement);
}
