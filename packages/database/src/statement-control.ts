import type { StatementControl } from "./cancellable.js";
import type { ResolvedOptions } from "./database-options.js";
import type { Statement } from "./query-log.js";
import type { AmbientTransaction } from "./transaction-scope.js";

/** Where a builder's query context carries the {@link StatementControl}. */
export const controlKey = Symbol("infra.database.control");

/**
 * What may end a statement: what it was run with, else a builder's own `.timeout()`, else the limit of all statements.
 * Takes knex's time-out off it, which would stop waiting but let the statement run on.
 *
 * @param internal whether it is a statement of knex itself, which opens or ends a transaction.
 */
export function takeControl(
  statement: Statement,
  internal: boolean,
  options: ResolvedOptions,
  ambient: AmbientTransaction,
): StatementControl | undefined {
  const context = statement.queryContext as Record<symbol, StatementControl> | undefined;
  const own = context?.[controlKey];
  const unlimited = internal || options.queryTimeoutMs === Infinity || ambient.migrating;
  const limitMs =
    own?.timeoutMs ?? (statement.timeout || (unlimited ? undefined : options.queryTimeoutMs));
  statement.timeout = undefined;
  return own?.signal || limitMs !== undefined
    ? { signal: own?.signal, timeoutMs: limitMs }
    : undefined;
}
