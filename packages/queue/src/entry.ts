import type { AsyncResource } from "node:async_hooks";

import type { Deferred } from "@infra/promises";

import type { Lane } from "./lane.js";
import type { Linked } from "./linked-list.js";

/**
 * `blocked`: it waits for room; `arriving`: for the journal; `waiting`: for its turn; `delayed`: for its next attempt;
 * `done`: it has its outcome.
 */
export type EntryState =
  | "new"
  | "blocked"
  | "arriving"
  | "waiting"
  | "delayed"
  | "running"
  | "done";

/** One who waits for the outcome, until a signal aborts. */
interface Caller<Result> {
  resolve(value: Result): void;
  reject(reason: unknown): void;
  end(): void;
}

/** One who waits for the outcomes of many. */
export interface Group<Result> {
  succeeded(index: number, value: Result): void;
  failed(error: unknown): void;
}

/** An operation that many items share: told when nobody waits for one of them any more. */
export interface SharedOperation {
  abandoned(reason: unknown): void;
}

/** What only few entries have: a queue may hold many, and their size is most of what they cost. */
export class EntryExtras<Result> {
  id: string | undefined;
  /** What others have to be equal to, to be the same. */
  identity: unknown;
  journalId: number | undefined;
  /** Of those who wait for it to be accepted. */
  acceptance: Deferred<void> | undefined;
  stopTimer: (() => void) | undefined;
  callers: Set<Caller<Result>> | undefined;
  controller: AbortController | undefined;
  operation: SharedOperation | undefined;
  promise: Promise<Result> | undefined;
  /** Everybody who waited has left while it ran. */
  isAbandoned = false;
  bytes = 0;
}

/** Where an item comes from: the context of who added it, and when that was. */
export interface Origin {
  readonly resource: AsyncResource;
  readonly addedAt: number;
}

/** One item on its way through the queue, and who waits for it. */
export class Entry<Item, Result> implements Linked<Entry<Item, Result>> {
  readonly item: Item;
  readonly key: string | undefined;
  priority: number;
  state: EntryState = "new";
  /** Attempts begun. */
  attempt = 0;
  /** By which those that wait are ordered, the highest first; and, among equals, who came first. */
  score = 0;
  order = 0;
  previous: Entry<Item, Result> | undefined = undefined;
  next: Entry<Item, Result> | undefined = undefined;
  lane: Lane<Item, Result> | undefined = undefined;
  extras: EntryExtras<Result> | undefined = undefined;
  readonly #origin: Origin;
  /** Somebody waits who can't leave. */
  #isHeld = false;
  // what settles the promise of who added it, or the group that it is told to and its index there
  #told: ((value: Result) => void) | Group<Result> | undefined = undefined;
  #toldHow: ((reason: unknown) => void) | number | undefined = undefined;

  constructor(item: Item, key: string | undefined, priority: number, origin: Origin) {
    this.item = item;
    this.key = key;
    this.priority = priority;
    this.#origin = origin;
  }

  /** The context of who added it. */
  get resource(): AsyncResource {
    return this.#origin.resource;
  }

  /** When it was added, by the monotonic clock, in whole milliseconds. */
  get addedAt(): number {
    return this.#origin.addedAt;
  }

  /** Its extras, to be filled in. */
  get more(): EntryExtras<Result> {
    return (this.extras ??= new EntryExtras());
  }

  get bytes(): number {
    return this.extras?.bytes ?? 0;
  }

  get isAbandoned(): boolean {
    return this.extras?.isAbandoned ?? false;
  }

  /** Aborts when nobody waits for the outcome any more. */
  get signal(): AbortSignal {
    return (this.more.controller ??= new AbortController()).signal;
  }

  abort(reason: unknown): void {
    (this.more.controller ??= new AbortController()).abort(reason);
  }

  /** Keeps it, though nobody asks for the outcome. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The outcome, for the one who added it. */
  outcome(): Promise<Result> {
    this.#isHeld = true;
    const promise = new Promise<Result>(capture);
    this.#told = captured.resolve as (value: Result) => void;
    this.#toldHow = captured.reject;
    captured.resolve = captured.reject = undefined;
    return promise;
  }

  /** The outcome, for one who joined. */
  sameOutcome(): Promise<Result> {
    this.#isHeld = true;
    const { more } = this;
    return (more.promise ??= new Promise<Result>((resolve, reject) => {
      (more.callers ??= new Set()).add({ resolve, reject, end: () => {} });
    }));
  }

  /** Tells the outcome to a group, as that of its member with this index. */
  tell(group: Group<Result>, index: number): void {
    this.#isHeld = true;
    this.#told = group;
    this.#toldHow = index;
  }

  /** The outcome, or the reason of the signal that ends the wait; `onAbandoned` when nobody else waits then. */
  outcomeUntil(
    signal: AbortSignal,
    onAbandoned: (entry: this, reason: unknown) => void,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.leaveOn(signal, onAbandoned, { resolve, reject });
    });
  }

  leaveOn(
    signal: AbortSignal,
    onAbandoned: (entry: this, reason: unknown) => void,
    settle: Pick<Caller<Result>, "resolve" | "reject">,
  ): void {
    const callers = (this.more.callers ??= new Set());
    const caller = { ...settle, end: () => signal.removeEventListener("abort", onAbort) };
    const onAbort = (): void => {
      callers.delete(caller);
      settle.reject(signal.reason);
      if (!this.#isHeld && callers.size === 0) onAbandoned(this, signal.reason);
    };
    callers.add(caller);
    signal.addEventListener("abort", onAbort, { once: true });
  }

  succeed(value: Result): void {
    const told = this.#told;
    if (typeof told === "function") told(value);
    else told?.succeeded(this.#toldHow as number, value);
    if (this.extras) for (const caller of leaving(this.extras)) caller.resolve(value);
  }

  fail(error: unknown): void {
    const told = this.#told;
    if (typeof told === "function") (this.#toldHow as (reason: unknown) => void)(error);
    else told?.failed(error);
    if (this.extras) for (const caller of leaving(this.extras)) caller.reject(error);
  }
}

/** What settles the promise that was made last: one function for all of them, where each would make its own. */
const captured: {
  resolve: unknown;
  reject: ((reason: unknown) => void) | undefined;
} = { resolve: undefined, reject: undefined };

function capture(resolve: unknown, reject: (reason: unknown) => void): void {
  captured.resolve = resolve;
  captured.reject = reject;
}

function leaving<Result>({ callers }: EntryExtras<Result>): readonly Caller<Result>[] {
  if (!callers) return [];
  const left = [...callers];
  callers.clear();
  for (const caller of left) caller.end();
  return left;
}
