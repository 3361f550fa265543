import type { StandardSchema } from "@infra/interfaces";

import { InvalidMessageError } from "./errors.js";
import type { Listener } from "./local-subscription.js";

/**
 * The message as its schema gives it; a promise when the schema takes its time.
 *
 * @throws InvalidMessageError (`ERR_PUBSUB_INVALID_MESSAGE`)
 */
export function checkMessage(
  schema: StandardSchema | undefined,
  topic: string,
  message: unknown,
): unknown {
  if (!schema) return message;
  const result = schema["~standard"].validate(message);
  return result instanceof Promise
    ? result.then((late) => valueOf(late, topic))
    : valueOf(result, topic);
}

function valueOf(
  result: Awaited<ReturnType<StandardSchema["~standard"]["validate"]>>,
  topic: string,
): unknown {
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ message, path = [] }) => ({
    path: path.map((each) => {
      const key = typeof each === "object" ? each.key : each;
      return typeof key === "symbol" ? String(key) : key;
    }),
    message,
  }));
  const [first] = issues;
  throw new InvalidMessageError(
    `a message on ${topic} is not what the topic's schema wants${first ? `: ${[...first.path, ""].join(": ")}${first.message}` : ""}`,
    { issues },
  );
}

/** A listener that hears only what its topic's schema wants; `invalid` is told of the rest. */
export function checkedListener(
  schema: StandardSchema | undefined,
  listener: Listener,
  invalid: (topic: string, error: unknown) => void,
): Listener {
  if (!schema) return listener;
  return (message, context) => {
    const { topic } = context;
    let checked: unknown;
    try {
      checked = checkMessage(schema, topic, message);
    } catch (error) {
      return invalid(topic, error);
    }
    if (!(checked instanceof Promise)) return listener(checked, context);
    return checked.then(
      (value) => listener(value, context),
      (error: unknown) => invalid(topic, error),
    );
  };
}
