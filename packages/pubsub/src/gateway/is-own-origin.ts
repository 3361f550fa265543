import type { IncomingMessage } from "node:http";

/** Whether a request comes from no page, a page of its own host, or one of the origins. */
export function isOwnOrigin({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return origins.includes(new URL(origin).origin) || new URL(origin).host === host;
}
