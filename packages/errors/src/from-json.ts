import { InfraError, isErrorStatus, type InfraErrorClass } from "./infra-error.js";
import { semanticErrors, ValidationError, type ValidationIssue } from "./semantic-errors.js";

/** What {@link fromJSON} needs of a registry. */
export interface ErrorClasses {
  readonly classes: Readonly<Record<string, InfraErrorClass>>;
}

/** JavaScript's own, which come back as they are. */
const native: Readonly<Record<string, new (message?: string) => Error>> = {
  __proto__: null as never,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  NonError: Error,
};

/** Deeper than anything that `serialiseError` writes. */
const maxDepth = 16;

/**
 * An error again, of what `serialiseError` wrote and `JSON.parse` read. A class of a registry comes back as itself (by
 * its code, else by its name), as do the semantic classes and JavaScript's own; any other becomes an {@link InfraError}
 * that keeps its name, code and fields. The cause chain and an AggregateError's order come back with it. The JSON may
 * come from anywhere: what has the wrong type is left out, and nothing in it reaches a prototype.
 */
export function fromJSON(json: unknown, ...registries: readonly ErrorClasses[]): Error {
  const classes = [
    ...registries.flatMap((registry) => Object.values(registry.classes)),
    ...semanticErrors,
  ] as readonly InfraErrorClass[];
  // whose stacks come with the JSON need none of this place's, which is most of what an error costs
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    return restore(json, classes, 0);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function restore(json: unknown, classes: readonly InfraErrorClass[], depth: number): Error {
  if (!isRecord(json)) return new Error(typeof json === "string" ? json : "unknown error");
  const message = text(json["message"]) ?? "";
  const name = text(json["name"]);
  const code = text(json["code"]);
  const errors = Array.isArray(json["errors"])
    ? json["errors"].map((each) => inner(each, classes, depth + 1))
    : undefined;
  const error = make(name, message, code, json, classes, errors);
  if (json["cause"] !== undefined) {
    hide(error, "cause", inner(json["cause"], classes, depth + 1));
  }
  if (errors && !(error instanceof AggregateError)) hide(error, "errors", errors);
  if (name !== undefined && name !== error.name) hide(error, "name", name);
  // never the stack of this place: it would point to the wrong one
  hide(error, "stack", text(json["stack"]) ?? `${name ?? error.name}: ${message}`);
  if (code !== undefined && !InfraError.is(error)) show(error, "code", code);
  if (isRecord(json["fields"])) {
    for (const [key, field] of Object.entries(json["fields"])) {
      if (!(key in error)) show(error, key, clean(field, depth));
    }
  }
  return error;
}

function make(
  name: string | undefined,
  message: string,
  code: string | undefined,
  json: Details,
  classes: readonly InfraErrorClass[],
  errors: unknown[] | undefined,
): Error {
  const known =
    classes.find((each) => each.code === code && each.kind === name) ??
    classes.find((each) => each.code === code && each.code !== InfraError.code) ??
    classes.find((each) => each.kind === name);
  if (!known) {
    if (name === "AggregateError") return new AggregateError(errors ?? [], message);
    const Native = native[name ?? ""];
    if (Native) return new Native(message);
  }
  const { status, retryable, details } = json;
  const publicMessage = text(json["publicMessage"]);
  const Class: InfraErrorClass = known ?? InfraError;
  return new Class(message, {
    ...(code !== undefined && { code }),
    ...(isErrorStatus(status) && { status }),
    ...(typeof retryable === "boolean" && { retryable }),
    ...(publicMessage !== undefined && { publicMessage }),
    ...(isRecord(details) && {
      details: checkedDetails(Class, clean(details, 0) as Details) as never,
    }),
  });
}

/** What others read off the details has the type that they expect. */
function checkedDetails(Class: InfraErrorClass, details: Details): Details {
  const isValidation = [Class.prototype, Object.getPrototypeOf(Class.prototype)].includes(
    ValidationError.prototype,
  );
  const { issues } = details;
  return isValidation && Array.isArray(issues)
    ? { ...details, issues: issues.filter(isIssue) }
    : details;
}

function isIssue(value: unknown): value is ValidationIssue {
  return (
    isRecord(value) &&
    typeof value["message"] === "string" &&
    Array.isArray(value["path"]) &&
    value["path"].every((part) => typeof part === "string" || typeof part === "number")
  );
}

/** What stands below an error: what looks like an error becomes one. */
function inner(json: unknown, classes: readonly InfraErrorClass[], depth: number): unknown {
  const looksLikeError =
    isRecord(json) && typeof json["name"] === "string" && typeof json["message"] === "string";
  if (!looksLikeError) return clean(json, depth);
  return depth < maxDepth ? restore(json, classes, depth) : "[too deep]";
}

/** A copy without keys that set a prototype when somebody copies it on. */
function clean(json: unknown, depth: number): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (depth >= maxDepth) return "[too deep]";
  if (Array.isArray(json)) return json.map((each) => clean(each, depth + 1));
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key]) => key !== "__proto__")
      .map(([key, each]) => [key, clean(each, depth + 1)]),
  );
}

type Details = Readonly<Record<string, unknown>>;

const isRecord = (json: unknown): json is Details =>
  typeof json === "object" && json !== null && !Array.isArray(json);

const text = (json: unknown): string | undefined => (typeof json === "string" ? json : undefined);

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true });
}

function show(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
