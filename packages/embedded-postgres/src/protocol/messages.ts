import { cstring, frame, int32, messageType } from "./frame.js";

/** What a session is doing: nothing, in a transaction, in one that has failed. */
export type TransactionStatus = "I" | "T" | "E";

/** What an ErrorResponse says. */
export interface ErrorFields {
  /** `FATAL` ends the connection. */
  readonly severity: "ERROR" | "FATAL";
  /** The SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

export function errorResponse(fields: ErrorFields): Buffer {
  return frame(
    messageType.errorResponse,
    cstring(`S${fields.severity}`),
    cstring(`V${fields.severity}`),
    cstring(`C${fields.code}`),
    cstring(`M${fields.message}`),
    ...(fields.detail === undefined ? [] : [cstring(`D${fields.detail}`)]),
    ...(fields.hint === undefined ? [] : [cstring(`H${fields.hint}`)]),
    Buffer.alloc(1),
  );
}

export function readyForQuery(status: TransactionStatus): Buffer {
  return frame(messageType.readyForQuery, Buffer.from(status));
}

export function notificationResponse(pid: number, channel: string, payload: string): Buffer {
  return frame(messageType.notification, int32(pid), cstring(channel), cstring(payload));
}

/** The server is ready to be sent the rows of a COPY. */
export function copyInResponse(binary: boolean): Buffer {
  return frame(messageType.copyInResponse, Buffer.from([binary ? 1 : 0, 0, 0]));
}

/** What a client is told once it is let in. */
export function welcome(pid: number, parameters: ReadonlyMap<string, string>): Buffer {
  return Buffer.concat([
    frame(messageType.authentication, int32(0)),
    ...[...parameters].map(([name, value]) =>
      frame(messageType.parameterStatus, cstring(name), cstring(value)),
    ),
    frame(messageType.backendKeyData, int32(pid), int32(0)),
    readyForQuery("I"),
  ]);
}

/** The server speaks protocol 3.0 and knows none of these protocol options. */
export function negotiateVersion(unknownOptions: readonly string[]): Buffer {
  return frame(
    messageType.negotiateVersion,
    int32(0x30000),
    int32(unknownOptions.length),
    ...unknownOptions.map(cstring),
  );
}

export function queryMessage(sql: string): Buffer {
  return frame(messageType.query, cstring(sql));
}

export function syncMessage(): Buffer {
  return frame(messageType.sync);
}

/** Closes a prepared statement; one that does not exist is no error. */
export function closeStatementMessage(name: string): Buffer {
  return frame(messageType.close, Buffer.from("S"), cstring(name));
}
