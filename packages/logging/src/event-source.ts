/** An emitter of events, such as a queue, a worker or a server: as much of it as is needed to listen. */
export interface EventSource {
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
}

type Listener = (...values: unknown[]) => void;

/** Listens to several events of one source; what it returns ends that. */
export function listenTo(
  source: EventSource,
  listeners: Readonly<Record<string, (...values: never[]) => void>>,
): () => void {
  // who emits an event knows what comes with it
  const each = Object.entries(listeners) as [string, Listener][];
  for (const [event, listener] of each) source.on(event, listener);
  return () => {
    for (const [event, listener] of each) source.off(event, listener);
  };
}
