/** Messages may have been missed. */
export interface Gap {
  /** The topic or pattern that was subscribed to. */
  readonly pattern: string;
  /** Why, for a person. */
  readonly reason: string;
}

/** What happens in a `PubSubService`. */
export type PubSubEvent =
  | { readonly type: "connected" }
  | { readonly type: "disconnected"; readonly error?: unknown }
  | ({ readonly type: "gap" } & Gap)
  | { readonly type: "dropped"; readonly topic: string; readonly pattern: string }
  | { readonly type: "listener-failed"; readonly topic: string; readonly error: unknown }
  | { readonly type: "invalid"; readonly topic: string; readonly error: unknown }
  | { readonly type: "publish-failed"; readonly topic: string; readonly error: unknown }
  | { readonly type: "read-failed"; readonly pattern: string; readonly error: unknown };
