import { quoteIdentifier, quoteLiteral } from "../protocol/sql-effects.js";
import type { Backend } from "./backend.js";

/** A session's own settings by name, in the order in which they have to be applied. */
export type SessionSettings = ReadonlyMap<string, string>;

// settings that PostgreSQL lists in no view, and what they are when a session has not touched them
const hidden: ReadonlyMap<string, string> = new Map([
  ["session_authorization", "postgres"],
  ["role", "none"],
]);

const readBackSql = (custom: Iterable<string>): string => `
  select name, setting from pg_catalog.pg_settings
    where source = 'session'
      and name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')
  union all
  select name, value from (
    select name, nullif(pg_catalog.current_setting(name, true), '') as value
    from unnest(array[${[...custom, ...hidden.keys()].map(quoteLiteral).join()}]::text[]) name) own
    where value is not null`;

/**
 * Moves the one backend from session to session: what a session has SET is there when it runs, and gone when another
 * does.
 */
export class SettingsSwitch {
  readonly #backend: Backend;
  /** What the backend has at the moment; `undefined` when that is not known. */
  #applied: SessionSettings | undefined = new Map();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /**
   * Makes the backend's settings those of a session. Returns whether there was anything to do.
   *
   * @throws what PostgreSQL says of a setting that it refuses.
   */
  apply(wanted: SessionSettings): boolean {
    if (wanted === this.#applied) return false;
    const sql = this.#applied ? difference(this.#applied, wanted) : [...resetAll, ...sets(wanted)];
    this.#applied = undefined;
    if (sql.length > 0) this.#backend.rows(sql.join(";"));
    this.#applied = wanted;
    return sql.length > 0;
  }

  /** What the session that has just run leaves behind. `names`: settings of its own making that it may have used. */
  readBack(names: Iterable<string>): SessionSettings {
    const rows = this.#backend.rows(readBackSql(names)) as [string, string][];
    this.#applied = new Map(rows.filter(([name, value]) => hidden.get(name) !== value));
    return this.#applied;
  }

  /** Forgets what is applied: the next session starts from a clean backend. */
  invalidate(): void {
    this.#applied = undefined;
  }
}

const resetAll = ["reset session authorization", "reset role", "reset all"];

function difference(from: SessionSettings, to: SessionSettings): string[] {
  // whoever leaves a role behind may not be allowed to change the rest
  const roles = [...hidden.keys()].some((name) => from.get(name) !== to.get(name));
  if (roles) return [...resetAll, ...sets(to)];
  return [
    ...[...from.keys()].filter((name) => !to.has(name)).map((name) => `reset ${identifier(name)}`),
    ...sets(new Map([...to].filter(([name, value]) => from.get(name) !== value))),
  ];
}

function sets(settings: SessionSettings): string[] {
  return [...settings].map(
    ([name, value]) =>
      `select pg_catalog.set_config(${quoteLiteral(name)}, ${quoteLiteral(value)}, false)`,
  );
}

function identifier(name: string): string {
  return name.split(".").map(quoteIdentifier).join(".");
}
