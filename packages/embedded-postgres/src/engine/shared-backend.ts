import {
  closeStatementMessage,
  queryMessage,
  syncMessage,
  type TransactionStatus,
} from "../protocol/messages.js";
import { dottedNames } from "../protocol/sql-effects.js";
import type { Backend } from "./backend.js";
import { Channels } from "./channels.js";
import type { Counters } from "./counters.js";
import type { Reply } from "./reply.js";
import type { Request } from "./request.js";
import { SettingsSwitch } from "./session-settings.js";
import type { Session } from "./session.js";

/** The one backend as each session knows it: with its own settings, channels and prepared statements. */
export class SharedBackend {
  /** What clients are told of the server. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly #backend: Backend;
  readonly #counters: Counters;
  readonly #sessions: ReadonlySet<Session>;
  readonly #settings: SettingsSwitch;
  readonly #channels: Channels;
  /** Whose unnamed prepared statement the backend has. */
  #unnamedOf: Session | undefined;

  /** `sessions`: all that there are, at any time. */
  constructor(backend: Backend, counters: Counters, sessions: ReadonlySet<Session>) {
    this.#backend = backend;
    this.#counters = counters;
    this.#sessions = sessions;
    this.#settings = new SettingsSwitch(backend);
    this.#channels = new Channels(backend);
    this.parameters = new Map(backend.rows(reportedSql) as [string, string][]);
  }

  /** Makes it nobody's, for work of the engine's own. */
  clear(): void {
    this.#settings.apply(noSettings);
    this.#unnamedOf = undefined;
  }

  /** Makes it a session's; false when PostgreSQL refuses the session's settings, and the session has ended. */
  enter(session: Session): boolean {
    try {
      if (this.#settings.apply(session.settings)) {
        this.#counters.add("settingSwitches");
        this.#unnamedOf = undefined;
      }
      return true;
    } catch (error) {
      const { code = "22023", message } = error as Error & { code?: string };
      session.abort({ code, message });
      return false;
    }
  }

  /** Runs a request of the session that it is, and answers it; `undefined` when there is more of the request to come. */
  run(session: Session, request: Request): TransactionStatus | undefined {
    if (request.unnamed && this.#unnamedOf !== session) {
      this.#backend.exchange(Buffer.concat([request.unnamed, syncMessage()]));
    }
    if (request.changesChannels && !session.channelsChanged && session.status !== "E") {
      this.#channels.narrow(session);
      session.channelsChanged = true;
    }
    const start = performance.now();
    const reply = this.#backend.exchange(request.bytes, request.copiesIn);
    this.#counters.ran(performance.now() - start);
    this.#unnamedOf = session;
    if (request.changesSettings) {
      session.settingsChanged = true;
      for (const name of dottedNames(request.bytes.toString("latin1"))) {
        if (session.customSettings.size < 1000) session.customSettings.add(name);
      }
    }
    if (reply.status !== undefined) session.status = reply.status;
    if (reply.statementsLost) this.#restoreStatements(session);
    if (reply.status === "I") this.#takeNote(session);
    session.send(reply.bytes);
    this.#deliver(session, reply);
    return reply.status;
  }

  /** Removes what a session that is over has left behind. `inTransaction`: and rolls back what it has open. */
  tidyUp(session: Session, inTransaction: boolean): void {
    if (inTransaction) {
      // the end of the request that it did not wait for, then of its transaction
      this.#deliver(session, this.#backend.exchange(syncMessage()));
      this.#deliver(session, this.#backend.exchange(queryMessage("rollback")));
    }
    const statements = session.statements.backendNames;
    if (statements.length > 0) {
      this.#backend.exchange(
        Buffer.concat([...statements.map(closeStatementMessage), syncMessage()]),
      );
    }
    this.#channels.leave(session);
    if (session.settingsChanged) this.forget();
  }

  /** What it is left with is nobody's: the next session starts from a clean one. */
  forget(): void {
    this.#settings.invalidate();
  }

  /** After a transaction: what the session has changed for itself. */
  #takeNote(session: Session): void {
    if (session.settingsChanged) {
      session.settingsChanged = false;
      session.settings = this.#settings.readBack(session.customSettings);
      this.#unnamedOf = undefined;
    }
    if (session.channelsChanged) {
      session.channelsChanged = false;
      this.#channels.widen(session);
      this.#unnamedOf = undefined;
    }
  }

  #deliver(sender: Session, reply: Reply): void {
    for (const { channel, payload } of reply.notifications) {
      for (const session of this.#channels.listeners(channel)) {
        session.notify(sender, channel, payload);
      }
    }
  }

  /** One session has thrown away the prepared statements of all. */
  #restoreStatements(culprit: Session): void {
    culprit.statements.clear();
    for (const session of this.#sessions) {
      for (const parse of session.statements.parseMessages) {
        this.#backend.exchange(Buffer.concat([parse, syncMessage()]));
      }
    }
  }
}

const noSettings = new Map<string, string>();

const reportedSql = `select name, setting from pg_catalog.pg_settings where name in (
  'server_version', 'server_encoding', 'client_encoding', 'application_name', 'default_transaction_read_only',
  'in_hot_standby', 'DateStyle', 'IntervalStyle', 'TimeZone', 'integer_datetimes', 'standard_conforming_strings',
  'scram_iterations', 'search_path')
  union all values ('is_superuser', 'on'), ('session_authorization', 'postgres')`;
