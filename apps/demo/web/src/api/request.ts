import { csrfHeader, type Me } from "../../../src/contract.js";
import { problemOf, unreachable } from "./problem-error.js";

let csrfToken = "";
const listeners = new Set<(me: Me) => void>();

/** Reads who is logged in, and the token that goes with each change. */
export async function readMe(): Promise<Me> {
  const me = await send<Me>("GET", "/api/me");
  csrfToken = me.csrfToken;
  for (const listener of listeners) listener(me);
  return me;
}

/** Calls back with each answer of {@link readMe}. */
export function onMe(listener: (me: Me) => void): void {
  listeners.add(listener);
}

/** The headers of a request that changes something. */
export const changeHeaders = (): Record<string, string> => ({ [csrfHeader]: csrfToken });

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  send<T>("GET", path, undefined, signal);

/** Sends a change; once more when somebody logged in or out in another tab, and the token was for who was there before. */
export async function change<T = void>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: object,
): Promise<T> {
  try {
    return await send<T>(method, path, body);
  } catch (error) {
    const { status, code } = error as { status?: number; code?: string };
    if (status === 401 || (status === 403 && code?.includes("CSRF") === true)) {
      const me = await readMe();
      if (me.account !== null && status === 403) return send<T>(method, path, body);
    }
    throw error;
  }
}

async function send<T>(
  method: string,
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<T> {
  const answer = await fetch(path, {
    method,
    headers: {
      accept: "application/json",
      ...(method !== "GET" && changeHeaders()),
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : unreachable();
  });
  const text = await answer.text();
  if (!answer.ok) throw problemOf(answer.status, text, answer.headers.get("retry-after"));
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
