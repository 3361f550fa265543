import { MigrationSourceError } from "../errors.js";
import type { MigrationTable } from "./migration-table.js";

/** Writes down what became of an interrupted migration. */
export async function resolveMigration(
  table: MigrationTable,
  name: string,
  as: "applied" | "pending",
): Promise<void> {
  if (as !== "applied" && as !== "pending") {
    throw new RangeError(`as must be "applied" or "pending", got ${JSON.stringify(as)}`);
  }
  const row = (await table.read()).find((each) => each.name === name && !each.appliedAt);
  if (!row) {
    throw new MigrationSourceError(`the migration ${name} is not interrupted`, {
      details: { migration: name },
    });
  }
  await (as === "applied" ? table.finish(name) : table.remove(row));
}
