import { frameEnd, messageType, readCstring } from "../protocol/frame.js";
import type { TransactionStatus } from "../protocol/messages.js";

/** A notification on its way to the sessions that listen. */
export interface Notification {
  readonly channel: string;
  readonly payload: string;
}

/** What the backend answered to one request. */
export interface Reply {
  /** The messages for the client: those that concern the multiplexer alone are taken out. */
  readonly bytes: Buffer;
  /** `undefined` when there was no ReadyForQuery: the backend waits for more of the same request. */
  readonly status: TransactionStatus | undefined;
  readonly notifications: readonly Notification[];
  /** All prepared statements of the backend are gone. */
  readonly statementsLost: boolean;
  /** Why the backend has ended, if it has. */
  readonly fatal: string | undefined;
}

/** What an ErrorResponse or a notice says. */
export interface ReportedError {
  readonly severity: string;
  /** The SQLSTATE. */
  readonly code: string;
  readonly message: string;
}

/** Reads the backend's bytes. `copyIn`: the client has been told already that it may send its rows. */
export function readReply(bytes: Buffer, copyIn: boolean): Reply {
  const notifications: Notification[] = [];
  const kept: Buffer[] = [];
  let keptTo = 0;
  let status: TransactionStatus | undefined;
  let statementsLost = false;
  let fatal: string | undefined;
  for (let at = 0; at < bytes.length;) {
    const type = bytes[at]!;
    const end = frameEnd(bytes, at);
    if (type === messageType.readyForQuery) {
      status = String.fromCharCode(bytes[at + 5]!) as TransactionStatus;
    } else if (type === messageType.errorResponse) {
      const fields = readErrorFields(bytes, at);
      if (fields.severity !== "ERROR") fatal = `${fields.message} (${fields.code})`;
    } else if (type === messageType.commandComplete) {
      statementsLost ||= /^(?:DISCARD|DEALLOCATE) ALL$/.test(readCstring(bytes, at + 5));
    } else if (type === messageType.notification) {
      const payload = bytes.indexOf(0, at + 9) + 1;
      notifications.push({
        channel: bytes.toString("utf8", at + 9, payload - 1),
        payload: readCstring(bytes, payload),
      });
    }
    if (type === messageType.notification || (copyIn && type === messageType.copyInResponse)) {
      kept.push(bytes.subarray(keptTo, at));
      keptTo = end;
    }
    at = end;
  }
  return {
    bytes: kept.length === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(keptTo)]),
    status,
    notifications,
    statementsLost,
    fatal,
  };
}

/** The rows of a reply in text; a SQL NULL is `undefined`. Throws the first error there is. */
export function readRows(bytes: Buffer): (string | undefined)[][] {
  const rows: (string | undefined)[][] = [];
  for (let at = 0; at < bytes.length; at = frameEnd(bytes, at)) {
    if (bytes[at] === messageType.errorResponse) {
      const { code, message } = readErrorFields(bytes, at);
      throw Object.assign(new Error(message), { code });
    }
    if (bytes[at] !== messageType.dataRow) continue;
    const row: (string | undefined)[] = [];
    let field = at + 7;
    for (let left = bytes.readInt16BE(at + 5); left > 0; left -= 1) {
      const length = bytes.readInt32BE(field);
      field += 4;
      row.push(length < 0 ? undefined : bytes.toString("utf8", field, field + length));
      if (length > 0) field += length;
    }
    rows.push(row);
  }
  return rows;
}

/** The fields of an ErrorResponse that begins at `at`. */
export function readErrorFields(bytes: Buffer, at = 0): ReportedError {
  const fields = new Map<string, string>();
  for (let field = at + 5; bytes[field] !== 0;) {
    const end = bytes.indexOf(0, field);
    fields.set(String.fromCharCode(bytes[field]!), bytes.toString("utf8", field + 1, end));
    field = end + 1;
  }
  return {
    severity: fields.get("V") ?? fields.get("S") ?? "ERROR",
    code: fields.get("C") ?? "XX000",
    message: fields.get("M") ?? "",
  };
}
