/** What {@link PubSubStats} counts since the start. */
export interface PubSubCounts {
  /** Messages that this process published. */
  readonly published: number;
  /** Calls of listeners. */
  readonly delivered: number;
  /** Messages that a listener was too slow for. */
  readonly dropped: number;
  /** Calls of listeners that threw. */
  readonly failed: number;
  /** Messages that a schema refused. */
  readonly invalid: number;
  /** Messages that reached only this process. */
  readonly unsent: number;
  /** How often a subscription was told that messages may have been missed. */
  readonly gaps: number;
}

/** What `PubSubService.stats()` gives. */
export interface PubSubStats extends PubSubCounts {
  readonly subscriptions: number;
  /** Whether the engine can be reached. */
  readonly connected: boolean;
}
