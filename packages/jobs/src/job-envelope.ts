import type { JobBackoff, JobDefinition } from "@infra/interfaces";

import { InvalidPayloadError } from "./errors.js";

/** What travels with a job: short names, for there may be many. */
export interface JobEnvelope {
  readonly payload?: unknown;
  /** The payload as base64 of its JSON, where it has U+0000 in it, which PostgreSQL can't keep. */
  readonly encoded?: string;
  /** The version of the payload, when it is not 1. */
  readonly version?: number;
  readonly tenantId?: string;
  /** How the one who enqueued it wants it to be tried again. */
  readonly backoff?: JobBackoff;
  /** The slot of the schedule that added it. */
  readonly slotMs?: number;
}

/**
 * A payload as the definition wants it.
 *
 * @throws InvalidPayloadError (`ERR_JOBS_PAYLOAD`)
 */
export function checkPayload<Payload>(
  definition: JobDefinition<Payload>,
  payload: unknown,
): Payload | Promise<Payload> {
  const { schema, name } = definition;
  if (!schema) return payload as Payload;
  const result = schema["~standard"].validate(payload);
  return result instanceof Promise
    ? result.then((each) => accepted(name, each))
    : accepted(name, result);
}

type Checked<Payload> =
  | { readonly value: Payload; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssueLike[] };

interface SchemaIssueLike {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

function accepted<Payload>(name: string, result: Checked<Payload>): Payload {
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ message, path = [] }) => ({
    message,
    path: path.map((step) => {
      const key = typeof step === "object" ? step.key : step;
      return typeof key === "number" ? key : String(key);
    }),
  }));
  const first = issues[0];
  throw new InvalidPayloadError(
    `the payload of the job ${name} does not fit its schema: ${first ? `${first.path.join(".") || "it"}: ${first.message}` : "it was refused"}`,
    { issues },
  );
}

/**
 * The payload of a job that was enqueued, brought up to the definition's version and checked again.
 *
 * @throws InvalidPayloadError (`ERR_JOBS_PAYLOAD`)
 */
export function openEnvelope<Payload>(
  definition: JobDefinition<Payload>,
  envelope: JobEnvelope,
): Payload | Promise<Payload> {
  const { name, version: wanted = 1, upcast = {} } = definition;
  const { version = 1 } = envelope;
  let brought = unpackPayload(envelope);
  for (let from = version; from < wanted; from += 1) {
    const step = upcast[from];
    if (!step) {
      throw new InvalidPayloadError(
        `the payload of the job ${name} has version ${version}, and nothing leads from ${from} to ${from + 1}`,
      );
    }
    brought = step(brought);
  }
  return checkPayload(definition, brought);
}

/** A payload on its way. */
export type PackedPayload = Pick<JobEnvelope, "payload" | "encoded">;

/**
 * A payload as it travels.
 *
 * @throws InvalidPayloadError (`ERR_JOBS_PAYLOAD`) when its JSON is longer than so many bytes, or it has none.
 */
export function packPayload(name: string, payload: unknown, maxBytes: number): PackedPayload {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    throw new InvalidPayloadError(
      `the payload of the job ${name} is no plain JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
  if (text === undefined) {
    if (payload === undefined) return {};
    throw new InvalidPayloadError(
      `the payload of the job ${name} is no plain JSON: got a ${typeof payload}`,
    );
  }
  // a character is three bytes at the most
  const bytes = text.length * 3 <= maxBytes ? 0 : Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new InvalidPayloadError(
      `the payload of the job ${name} takes ${bytes} bytes as JSON, ${maxBytes} are allowed (maxPayloadBytes)`,
    );
  }
  if (!text.includes("\\u0000")) return { payload };
  return { encoded: Buffer.from(text).toString("base64") };
}

/**
 * What a handler gave, if an engine can keep it.
 *
 * @throws InvalidPayloadError (`ERR_JOBS_PAYLOAD`) when it has no JSON.
 */
export function checkResult(name: string, result: unknown): unknown {
  if (typeof result !== "object" && typeof result !== "bigint") return result;
  try {
    JSON.stringify(result);
  } catch (cause) {
    throw new InvalidPayloadError(
      `the result of the job ${name} is no plain JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
  return result;
}

/** The payload as it was enqueued. */
export function unpackPayload({ payload, encoded }: PackedPayload): unknown {
  return encoded === undefined ? payload : JSON.parse(Buffer.from(encoded, "base64").toString());
}
