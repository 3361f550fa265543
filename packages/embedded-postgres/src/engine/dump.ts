import type { PGlite } from "@electric-sql/pglite";
import { importPeer } from "@infra/errors";

import { EmbeddedPostgresDumpError } from "../errors.js";
import { quoteIdentifier } from "../protocol/sql-effects.js";
import type { Backend } from "./backend.js";
import type { Multiplexer } from "./multiplexer.js";
import type { Session } from "./session.js";

/** All that pg_dump's wrapper asks of a PGlite. */
type DumpConnection = Pick<PGlite, "execProtocolRawStream" | "query" | "exec">;

/**
 * The database as SQL, by PostgreSQL's own pg_dump. It runs in this thread to its end: no session runs meanwhile.
 *
 * @throws PeerMissingError when `@electric-sql/pglite-tools` is not installed.
 * @throws EmbeddedPostgresDumpError with what pg_dump said.
 */
export async function dump(
  multiplexer: Multiplexer,
  backend: Backend,
  args: readonly string[],
): Promise<string> {
  const { pgDump } = await importPeer(
    "@electric-sql/pglite-tools",
    () => import("@electric-sql/pglite-tools/pg_dump"),
    { for: "dump()" },
  );
  try {
    return await multiplexer.exclusively(async () => {
      const before = preparedStatements(backend);
      const { pg, session } = connectDump(multiplexer);
      // which the program sets when it fails
      const { exitCode } = process;
      try {
        const file = await pgDump({ pg, args: ["--rows-per-insert=1000", ...args] });
        return await file.text();
      } finally {
        process.exitCode = exitCode;
        session.end();
        if (!backend.failure) deallocate(backend, before);
      }
    });
  } catch (cause) {
    if (backend.failure) throw backend.failure;
    throw new EmbeddedPostgresDumpError((cause as Error).message, { cause });
  }
}

/** The names of the statements that PREPARE made, for all sessions. */
function preparedStatements(backend: Backend): string[] {
  const sql = "select name from pg_catalog.pg_prepared_statements where from_sql";
  return backend.rows(sql).map(([name]) => name!);
}

/** Drops what pg_dump leaves behind: a second one would find the names taken. */
function deallocate(backend: Backend, before: readonly string[]): void {
  for (const name of preparedStatements(backend)) {
    if (!before.includes(name)) backend.rows(`deallocate ${quoteIdentifier(name)}`);
  }
}

/** A connection as pg_dump's wrapper wants it: a PGlite that answers at once. */
function connectDump(multiplexer: Multiplexer): { pg: PGlite; session: Session } {
  let receive: ((bytes: Uint8Array) => void) | undefined;
  const session = multiplexer.connectDirectly({ data: (bytes) => receive?.(bytes), end() {} });
  const pg: DumpConnection = {
    execProtocolRawStream(message, { onRawData }) {
      receive = onRawData;
      session.write(Buffer.from(message));
      return Promise.resolve();
    },
    // the wrapper restores the search_path and drops all prepared statements: the multiplexer has seen to both
    query: <Row>() =>
      Promise.resolve({ rows: [{ search_path: "public" } as Row], fields: [], affectedRows: 0 }),
    exec: () => Promise.resolve([]),
  };
  return { pg: pg as PGlite, session };
}
