import { messageType } from "../protocol/frame.js";
import { MessageReader } from "../protocol/message-reader.js";
import {
  copyInResponse,
  errorResponse,
  negotiateVersion,
  notificationResponse,
  readyForQuery,
  welcome,
  type ErrorFields,
  type TransactionStatus,
} from "../protocol/messages.js";
import { readStartupPacket } from "../protocol/startup-packet.js";
import { PreparedStatements } from "./prepared-statements.js";
import { RequestBuilder, type Request } from "./request.js";
import type { SessionSettings } from "./session-settings.js";

/** The far end of a session: a client in this process, or a socket. */
export interface SessionClient {
  data(bytes: Buffer): void;
  /** Nothing comes after this. */
  end(): void;
}

/** Whom a session belongs to. */
export interface SessionHost {
  /** What clients are told of the server: `server_version` and such. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The session has requests to run. */
  schedule(session: Session): void;
  /** The session is over. */
  leave(session: Session): void;
}

export const databaseName = "postgres";
export const userName = "postgres";

/** One client's connection: what it asked for and has not got yet, and what is its own. */
export class Session {
  /** What clients know it by; far above the process ids that PostgreSQL itself shows here. */
  readonly pid: number;
  readonly statements: PreparedStatements;
  /** Requests that wait to be run, oldest first. */
  readonly requests: Request[] = [];
  /** Names of settings of the client's own making that it may have set. */
  readonly customSettings = new Set<string>();
  settings: SessionSettings = new Map();
  status: TransactionStatus = "I";
  /** The transaction that runs may have changed settings, or channels. */
  settingsChanged = false;
  channelsChanged = false;
  readonly #host: SessionHost;
  readonly #client: SessionClient;
  readonly #reader = new MessageReader();
  readonly #builder: RequestBuilder;
  #started = false;
  #closed = false;
  #skippingToSync = false;

  constructor(id: number, host: SessionHost, client: SessionClient) {
    this.pid = 100_000 + id;
    this.#host = host;
    this.#client = client;
    this.statements = new PreparedStatements(id);
    this.#builder = new RequestBuilder(this.statements);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Takes bytes from the client. */
  write(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
      this.#read();
    } catch (error) {
      this.abort({ code: "08P01", message: (error as Error).message });
    }
  }

  #read(): void {
    while (!this.#closed && !this.#started) {
      const packet = this.#reader.nextStartupPacket();
      if (packet === undefined) return;
      this.#startup(packet);
    }
    while (!this.#closed) {
      const message = this.#reader.nextMessage();
      if (message === undefined) return;
      this.#message(message);
    }
  }

  send(bytes: Buffer): void {
    if (!this.#closed && bytes.length > 0) this.#client.data(bytes);
  }

  notify(sender: Session, channel: string, payload: string): void {
    this.send(notificationResponse(sender.pid, channel, payload));
  }

  /** Answers a request that is not run with an error. */
  refuse(synced: boolean, fields: Omit<ErrorFields, "severity">): void {
    this.send(errorResponse({ severity: "ERROR", ...fields }));
    // what the client has sent behind it is part of the same request, up to its end
    let ended = synced;
    while (!ended && this.requests.length > 0) ended = this.requests.shift()!.synced;
    if (ended) this.send(readyForQuery(this.status));
    else this.#skippingToSync = true;
  }

  /** Tells the client why, and ends the connection. */
  abort(fields: Omit<ErrorFields, "severity">): void {
    this.send(errorResponse({ severity: "FATAL", ...fields }));
    this.end();
  }

  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.requests.length = 0;
    this.#host.leave(this);
    this.#client.end();
  }

  #startup(body: Buffer): void {
    const packet = readStartupPacket(body);
    if (packet.kind === "encryption") return this.send(Buffer.from("N"));
    // a statement that runs in this engine cannot be interrupted
    if (packet.kind === "cancel") return this.end();
    if (packet.kind === "unsupported") {
      return this.abort({ code: "0A000", message: "unsupported frontend protocol" });
    }
    if (packet.user !== userName) {
      const hint = `An embedded database has one user to connect as: ${userName}.`;
      return this.abort({ code: "28000", message: `role "${packet.user}" cannot log in`, hint });
    }
    if (packet.database !== databaseName) {
      const hint = `An embedded directory has one database: ${databaseName}.`;
      const message = `database "${packet.database}" does not exist`;
      return this.abort({ code: "3D000", message, hint });
    }
    this.#started = true;
    this.settings = packet.settings;
    for (const name of packet.settings.keys())
      if (name.includes(".")) this.customSettings.add(name);
    if (packet.minorVersion > 0 || packet.protocolOptions.length > 0) {
      this.send(negotiateVersion(packet.protocolOptions));
    }
    this.send(welcome(this.pid, this.#host.parameters));
  }

  #message(message: Buffer): void {
    if (message[0] === messageType.terminate) return this.end();
    if (this.#skippingToSync) {
      if (message[0] !== messageType.sync) return;
      this.#skippingToSync = false;
      return this.send(readyForQuery(this.status));
    }
    const step = this.#builder.add(message);
    if (step.kind === "copy-in") this.send(copyInResponse(step.binary));
    else if (step.kind === "refused") {
      this.refuse(step.synced, { code: "0A000", message: step.message });
    } else if (step.kind === "request") {
      this.requests.push(step.request);
      this.#host.schedule(this);
    }
  }
}
