/** Data that explains an error: plain, serialisable, without secrets. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** Options of {@link InfraError} and of every class made from it. */
export interface InfraErrorOptions<D extends ErrorDetails = ErrorDetails> {
  /** What went wrong below. */
  readonly cause?: unknown;
  /** Overrides the class's code: `ERR_<PACKAGE>_<CONDITION>`. */
  readonly code?: string;
  /** Overrides the class's HTTP status. */
  readonly status?: number;
  /** Overrides whether the same call may succeed later. */
  readonly retryable?: boolean;
  readonly details?: D;
  /** What a client may read. @default the message when the status is below 500, else the status's own words */
  readonly publicMessage?: string;
}

/** A class of errors, as {@link InfraError.is}, registries and tables see it: whatever its details are. */
export interface InfraErrorClass<E extends InfraError = InfraError> {
  new (message: string, options?: InfraErrorOptions<never>): E;
  readonly kind: string;
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
}

/** What a client reads of an error that is not for it. */
export const vagueMessage = "Something went wrong.";
const none = Object.freeze({});
const brand = Symbol.for("infra.error");

/**
 * The base of every error that a package throws: a stable `code` to branch on, the HTTP `status` it amounts to, whether
 * trying again may help, and the `cause` below it. Tell errors apart with `is`, which agrees across two copies of a
 * package, where `instanceof` does not: `NotFoundError.is(error)`, `InfraError.is(error)`.
 */
export class InfraError<D extends ErrorDetails = ErrorDetails> extends Error {
  /** The name of an instance. With `code` it is what `is` goes by: a subclass that has neither is its parent to it. */
  static readonly kind: string = "InfraError";
  /** The code of an instance that was given none. */
  static readonly code: string = "ERR_INTERNAL";
  static readonly status: number = 500;
  static readonly retryable: boolean = false;

  // declared only: a class field would be written twice, and an error is to cost little more than `new Error`
  declare readonly code: string;
  /** The HTTP status, 400 to 599. */
  declare readonly status: number;
  /** Whether the same call may succeed later. */
  declare readonly retryable: boolean;
  /** Frozen and empty when none were given. */
  declare readonly details: D;
  /** What a client may read. */
  declare readonly publicMessage: string;

  constructor(message: string, options: InfraErrorOptions<D> = none) {
    super(message, options);
    const defaults = new.target as unknown as InfraErrorClass;
    const status = isErrorStatus(options.status) ? options.status : defaults.status;
    this.code = options.code ?? defaults.code;
    this.status = status;
    this.retryable = options.retryable ?? defaults.retryable;
    this.details = options.details ?? (none as D);
    this.publicMessage = options.publicMessage ?? (status < 500 ? message : vagueMessage);
  }

  /** Whether a value is an error of this class or of one made from it, also by another copy of the package. Never throws. */
  static is<C extends InfraErrorClass<E>, E extends InfraError>(
    this: C,
    value: unknown,
  ): value is InstanceType<C> {
    if (typeof value !== "object" || value === null) return false;
    try {
      if (!(brand in value)) return false;
      for (let at: unknown = Object.getPrototypeOf(value); at; at = Object.getPrototypeOf(at)) {
        const { constructor: its } = at as { constructor?: Partial<InfraErrorClass> };
        if (its && its.kind === this.kind && its.code === this.code) return true;
      }
    } catch {
      // a proxy may throw at anything
    }
    return false;
  }
}

// on the prototype, so that making an error costs no more than its fields
Object.defineProperty(InfraError.prototype, brand, { value: true });
Object.defineProperty(InfraError.prototype, "name", {
  get(this: InfraError): string {
    return (this.constructor as unknown as InfraErrorClass).kind;
  },
  // frameworks name errors by assignment, as every other error lets them
  set(this: InfraError, value: string) {
    Object.defineProperty(this, "name", { value, configurable: true, writable: true });
  },
  configurable: true,
});

/** Whether a value is an HTTP error status: 400 to 599. */
export function isErrorStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599;
}
