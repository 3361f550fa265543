import type { JobDefinition } from "@infra/interfaces";

import type { JobScheduleOptions } from "./job-definition.js";
import { checkPayload, packPayload } from "./job-envelope.js";
import { checkPriority } from "./job-maker.js";
import { slotRule } from "./schedule-slots.js";
import type { ScheduleSpec } from "./scheduler.js";

const policies = ["once", "skip", "all"];

/** Checks what a schedule is made of; the same input gives the same text. @throws RangeError, InvalidPayloadError */
export async function scheduleSpec(
  key: string,
  definition: JobDefinition,
  payload: unknown,
  options: JobScheduleOptions,
  usual: { readonly attempts: number; readonly maxPayloadBytes: number },
): Promise<ScheduleSpec> {
  if (!/^[\w./-]{1,150}$/.test(key)) {
    throw new RangeError(
      `key must be 1 to 150 letters, digits and "._/-", got ${JSON.stringify(key)}`,
    );
  }
  const { missed = "once", priority, tenantId } = options;
  if (!policies.includes(missed)) {
    throw new RangeError(
      `missed must be one of ${policies.join(", ")}, got ${JSON.stringify(missed)}`,
    );
  }
  if (priority !== undefined) checkPriority(priority);
  await checkPayload(definition, payload);
  const { name, version, attempts = usual.attempts } = definition;
  // now, or it would be found out at each slot
  packPayload(name, payload, usual.maxPayloadBytes);
  return {
    rule: slotRule(options),
    missed,
    name,
    payload,
    attempts,
    ...(version !== undefined && version !== 1 && { version }),
    ...(priority !== undefined && { priority }),
    ...(tenantId !== undefined && { tenantId }),
  };
}
