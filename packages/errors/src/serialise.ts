import { InfraError, vagueMessage } from "./infra-error.js";
import { plain, read, textOf, type PlainWalk } from "./plain-json.js";
import { isError, toError } from "./to-error.js";

/** An error as plain JSON. */
export interface SerialisedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly status?: number;
  readonly retryable?: boolean;
  readonly details?: unknown;
  /** Set when it is neither the message nor the usual words for what clients may not read. */
  readonly publicMessage?: string;
  /** What else the error carries: `syscall`, `errno`, `detail`, … */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** The errors of an AggregateError. */
  readonly errors?: readonly unknown[];
}

/** Options of {@link serialiseError}. */
export interface SerialiseErrorOptions {
  /** Whether the stacks are kept: not for those who have no business with the paths of the program. @default true */
  readonly stack?: boolean;
}

const ofInfraErrors = new Set(["status", "retryable", "details", "publicMessage"]);
const ofEveryError = new Set(["name", "message", "stack", "code", "cause", "errors"]);

/**
 * An error with its cause chain as plain JSON, for a log line or another process; `fromJSON` makes an error of it again.
 * Never throws: circular references, BigInt and throwing getters become words in their place, and what is deeper than 8
 * levels or more than 1,000 values is cut off. Holds the stack, so it is not for clients: see `toProblemDetails`.
 */
export function serialiseError(
  error: unknown,
  options: SerialiseErrorOptions = {},
): SerialisedError {
  const withStack = options.stack ?? true;
  const walk: PlainWalk = {
    ancestors: new Set(),
    remaining: 1000,
    instances: true,
    describe: (each) => describe(each, walk, withStack),
  };
  try {
    if (isError(error)) return describe(error, walk, withStack);
    const { message } = toError(error);
    return {
      name: "NonError",
      message: withStack ? message : message.replaceAll(/\n\s+at .*/g, ""),
    };
  } catch {
    // a proxy may throw at anything
    return { name: "NonError", message: "[unreadable]" };
  }
}

function describe(error: Error, walk: PlainWalk, withStack: boolean): SerialisedError {
  walk.ancestors.add(error);
  const message = textOf(read(error, "message"));
  const stack = withStack ? read(error, "stack") : undefined;
  const code = read(error, "code");
  const known = InfraError.is(error) ? error : undefined;
  const fields = ownFields(error, known !== undefined, walk);
  const cause = "cause" in error ? read(error, "cause") : undefined;
  const errors = read(error, "errors");
  const result: SerialisedError = {
    name: textOf(read(error, "name")),
    message,
    ...(typeof stack === "string" && { stack }),
    ...((typeof code === "string" || typeof code === "number") && { code: String(code) }),
    ...(known && {
      status: known.status,
      retryable: known.retryable,
      details: plain(read(error, "details"), walk),
      ...(![message, vagueMessage].includes(known.publicMessage) && {
        publicMessage: textOf(known.publicMessage),
      }),
    }),
    ...(fields && { fields }),
    ...(cause !== undefined && { cause: plain(cause, walk) }),
    ...(Array.isArray(errors) && { errors: plain(errors, walk) as unknown[] }),
  };
  walk.ancestors.delete(error);
  return result;
}

/** What libraries put on their errors: plain data in full; of a socket, a request or a response the name of its class. */
function ownFields(
  error: Error,
  known: boolean,
  walk: PlainWalk,
): Record<string, unknown> | undefined {
  const fields: [string, unknown][] = [];
  const { instances } = walk;
  walk.instances = false;
  for (const key of Object.keys(error)) {
    if (ofEveryError.has(key) || (known && ofInfraErrors.has(key))) continue;
    const value = read(error, key);
    if (value === undefined || typeof value === "function") continue;
    if (walk.remaining <= 0) break;
    fields.push([key, plain(value, walk)]);
  }
  walk.instances = instances;
  return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}
