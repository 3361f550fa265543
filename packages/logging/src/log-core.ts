import { isError } from "@infra/errors";
import type { Clock, LogMeta, LogEntry } from "@infra/interfaces";

import type { CategoryLevels } from "./category-levels.js";
import { jsonText } from "./json-text.js";
import { contextInForce, type LogContext } from "./log-context.js";
import type { LogFilter } from "./log-filter.js";
import type { LogSerialiser } from "./log-serialiser.js";
import { levelNames, levelNumbers } from "./log-threshold.js";
import type { TransportSlot } from "./transport-slot.js";

/** What a logger adds to every line; a child's holds that of its parents too. */
export class LogBinding {
  readonly category: string | undefined;
  readonly meta: LogMeta;
  readonly #serialiser: LogSerialiser;
  #fields: string | undefined;

  constructor(category: string | undefined, meta: LogMeta, serialiser: LogSerialiser) {
    this.category = category;
    this.meta = meta;
    this.#serialiser = serialiser;
  }

  /** The fields as JSON: made once for all lines. */
  get fields(): string {
    return (this.#fields ??= this.#serialiser.fields(this.meta));
  }
}

/** What the loggers of one service share: it makes the line, once, and hands it to every transport. */
export class LogCore {
  readonly levels: CategoryLevels;
  readonly slots: TransportSlot[] = [];
  readonly clock: Clock;
  readonly #serialiser: LogSerialiser;
  readonly #filter: LogFilter | undefined;
  readonly #onFailure: (name: string, error: unknown) => void;
  #lines = 0;
  #second = Number.NaN;
  #secondText = "";

  constructor(
    levels: CategoryLevels,
    serialiser: LogSerialiser,
    filter: LogFilter | undefined,
    clock: Clock,
    onFailure: (name: string, error: unknown) => void,
  ) {
    this.levels = levels;
    this.clock = clock;
    this.#serialiser = serialiser;
    this.#filter = filter;
    this.#onFailure = onFailure;
  }

  /** How many lines were written. */
  get lines(): number {
    return this.#lines;
  }

  /** What a child logger is bound to. */
  bind(parent: LogBinding | undefined, meta: LogMeta): LogBinding {
    const merged: Record<string, unknown> = { ...parent?.meta };
    let category = parent?.category;
    for (const key of Object.keys(meta)) {
      const value = readable(meta, key);
      if (key === "category" && typeof value === "string") category = value;
      else merged[key] = value;
    }
    return new LogBinding(category, merged, this.#serialiser);
  }

  /** Writes a line that is known to be wanted. Never throws. */
  write(level: number, message: unknown, binding: LogBinding, meta: unknown): void {
    try {
      const time = this.clock.now();
      if (this.#filter !== undefined) {
        const around = contextInForce()?.meta ?? binding.meta;
        if (!this.#filter.passes(level, binding.category, time, around)) return;
        this.tellHeld(time);
      }
      this.#write(level, message, binding, meta, time);
    } catch (error) {
      this.#onFailure("logger", error);
    }
  }

  /** Says how many lines the rate limit held back before a time. */
  tellHeld(time: number): void {
    for (const { category, lines } of this.#filter?.takeHeld(time) ?? []) {
      const binding = new LogBinding(category, {}, this.#serialiser);
      this.#write(levelNumbers.warn, "too many lines in a second", binding, { held: lines }, time);
    }
  }

  #write(level: number, message: unknown, binding: LogBinding, meta: unknown, time: number): void {
    this.#lines++;
    const text = isError(message) ? message.message : String(message);
    const given = isError(message) ? { error: message, ...asMeta(meta) } : asMeta(meta);
    const { category } = binding;
    const levelText = levelNames[level]!;
    const messageJson = this.#serialiser.text(text);
    const fields = this.#fields(binding, contextInForce(), given);
    const categoryJson = category === undefined ? "" : `"category":${jsonText(category)},`;
    const line = `{"timestamp":"${this.#timestamp(time)}","level":"${levelText}",${categoryJson}"message":${messageJson}${fields}}`;
    let made: LogEntry | undefined;
    const entry = (): LogEntry =>
      (made ??= Object.freeze({
        level: levelText,
        message: JSON.parse(messageJson) as string,
        meta: JSON.parse(`{${fields.slice(1)}}`) as LogMeta,
        timestamp: new Date(time),
        ...(category !== undefined && { category }),
        line,
      }));
    for (const slot of this.slots) slot.deliver(level, line, entry);
  }

  /** The fields of all three as JSON; of one key in several, the nearest to the call counts. */
  #fields(binding: LogBinding, context: LogContext | undefined, meta: LogMeta | undefined): string {
    const around = context?.meta;
    if (overlap(around, binding.meta) || overlap(meta, binding.meta) || overlap(meta, around)) {
      return this.#serialiser.fields(merge(binding.meta, around, meta));
    }
    return (
      binding.fields +
      (around === undefined ? "" : this.#serialiser.fields(around)) +
      (meta === undefined ? "" : this.#serialiser.fields(meta))
    );
  }

  /** ISO 8601 in UTC; all but the milliseconds is kept from one line to the next. */
  #timestamp(time: number): string {
    const second = Math.floor(time / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 20);
    }
    const milliseconds = Math.floor(time) - second * 1000;
    return `${this.#secondText}${String(milliseconds).padStart(3, "0")}Z`;
  }
}

/** A field's value, read once: what a child logger is made with must not throw into whoever makes it. */
function readable(meta: LogMeta, key: string): unknown {
  try {
    return meta[key];
  } catch {
    return "[unreadable]";
  }
}

/** Whatever stands in the place of the fields. */
function asMeta(meta: unknown): LogMeta | undefined {
  if (meta === undefined || meta === null) return undefined;
  if (isError(meta)) return { error: meta };
  return typeof meta === "object" ? (meta as LogMeta) : { value: meta };
}

function overlap(one: LogMeta | undefined, other: LogMeta | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  for (const key in one) if (key in other) return true;
  return false;
}

/** Like `Object.assign`, but a getter that throws is read where that does no harm: by the serialiser. */
function merge(...parts: readonly (LogMeta | undefined)[]): object {
  const merged = {};
  for (const part of parts) {
    Object.defineProperties(merged, Object.getOwnPropertyDescriptors(part ?? {}));
  }
  return merged;
}
