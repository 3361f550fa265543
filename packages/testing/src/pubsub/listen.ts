import type { MessageContext, PubSub } from "@infra/interfaces";

import { it } from "../runner.js";

/** Two ends of one engine that nobody else uses; `durable.#` is kept there, with at least 10 messages a topic. */
export interface PubSubEnds {
  readonly one: PubSub;
  /** In another process, as far as the engine knows; the same object where there is but one process. */
  readonly other: PubSub;
  close(): Promise<void>;
}

/** Opens ends for one test. */
export type OpenEnds = () => Promise<PubSubEnds>;

/** What a listener was called with. */
export interface Heard {
  readonly message: unknown;
  readonly context: MessageContext;
}

/** A test with time for the first one to start a server. */
export const test = (title: string, body: () => Promise<void>): void => it(title, body, 30_000);

/** Starts to listen, and gives what is heard. */
export async function listen(
  end: PubSub,
  topic: string,
  options: { cursor?: string; onGap?: () => void } = {},
): Promise<Heard[]> {
  const heard: Heard[] = [];
  await end.subscribe<unknown>(
    topic,
    (message, context) => void heard.push({ message, context }),
    options,
  );
  return heard;
}

/** The messages alone. */
export const messagesOf = (heard: readonly Heard[]): unknown[] =>
  heard.map(({ message }) => message);
