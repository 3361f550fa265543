const brand = Symbol.for("infra.secret");

/**
 * A value that must not be printed. It shows as `[secret]` in strings, JSON, `console.log` and template literals;
 * {@link Secret.reveal} is the one way to the value, and easy to search for.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
    Object.defineProperty(this, brand, { value: () => this.#value });
  }

  /** The value of a secret, also of one made by another copy of this package; anything else as it is. */
  static reveal<T>(value: T | Secret<T>): T {
    return Secret.is(value) ? (value as unknown as Record<symbol, () => T>)[brand]!() : value;
  }

  /** Whether a value is a secret, made by this or another copy of this package. */
  static is(value: unknown): value is Secret<unknown> {
    return typeof value === "object" && value !== null && brand in value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  /** What `console.log` and `util.inspect` show. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}
