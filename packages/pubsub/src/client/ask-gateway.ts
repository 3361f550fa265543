import type { Socket } from "socket.io-client";

import type { ClientEvents, GatewayEvents, WireAnswer } from "../gateway/protocol.js";
import { PubSubClientError } from "./client-error.js";

export type ClientSocket = Socket<GatewayEvents, ClientEvents>;

/** What a client asks with an event. */
export type RequestOf<Name extends keyof ClientEvents> = Parameters<ClientEvents[Name]>[0];

/** What it is answered, when nothing is wrong. */
export type ValueOf<Name extends keyof ClientEvents> = Extract<AnswerOf<Name>, { ok: true }>;

type AnswerOf<Name extends keyof ClientEvents> =
  Parameters<ClientEvents[Name]> extends [
    unknown,
    (answer: infer A extends WireAnswer<object>) => void,
  ]
    ? A
    : never;

const lostCode = "ERR_PUBSUB_CONNECTION_LOST";

/**
 * Asks, and waits for the answer.
 *
 * @throws PubSubClientError with what the gateway answered, `ERR_PUBSUB_ACK_TIMEOUT` when it did not in time, and
 * `ERR_PUBSUB_CONNECTION_LOST` when the connection ended before.
 */
export async function askGateway<Name extends keyof ClientEvents>(
  socket: ClientSocket | undefined,
  name: Name,
  request: RequestOf<Name>,
  timeoutMs: number,
): Promise<ValueOf<Name>> {
  if (!socket?.connected) throw lostError();
  const answer = await new Promise<AnswerOf<Name>>((resolve, reject) => {
    const lost = (): void => reject(lostError());
    socket.once("disconnect", lost);
    const asking = socket.timeout(timeoutMs) as unknown as { emit(...args: unknown[]): void };
    asking.emit(name, request, (error: Error | null, value: AnswerOf<Name>) => {
      socket.off("disconnect", lost);
      if (error) reject(socket.connected ? timeoutError(timeoutMs) : lostError());
      else resolve(value);
    });
  });
  if (!answer.ok) throw new PubSubClientError(answer.error);
  return answer as ValueOf<Name>;
}

/** Whether a call failed because the connection ended. */
export function isLost(error: unknown): boolean {
  return (error as Partial<PubSubClientError>).code === lostCode;
}

/** @throws PubSubClientError (`ERR_PUBSUB_ACK_TIMEOUT`) when a promise takes longer. */
export async function within(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutError(timeoutMs)), timeoutMs);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function lostError(): PubSubClientError {
  return new PubSubClientError({
    code: lostCode,
    message: "the connection was lost before the gateway answered",
    retryable: true,
  });
}

function timeoutError(timeoutMs: number): PubSubClientError {
  return new PubSubClientError({
    code: "ERR_PUBSUB_ACK_TIMEOUT",
    message: `the gateway did not answer within ${timeoutMs} ms`,
    retryable: true,
  });
}
