import type { Database } from "@infra/interfaces";

/**
 * Runs work in a transaction that is rolled back, so that the next test finds what this one found: for code that takes part
 * in the ambient transaction. What the code does after a commit is not done. On PostgreSQL a statement that fails ends the
 * transaction for the rest of the work: a test of such a failure takes a `templateDatabase`.
 *
 * @throws what the work throws.
 */
export async function inRolledBackTransaction<T>(
  database: Pick<Database, "transaction">,
  work: () => Promise<T>,
): Promise<T> {
  const end = new Error("the end of inRolledBackTransaction");
  let done: { readonly value: T } | undefined;
  try {
    await database.transaction(async () => {
      done = { value: await work() };
      throw end;
    });
  } catch (error) {
    if (error !== end) throw error;
  }
  return done!.value;
}
