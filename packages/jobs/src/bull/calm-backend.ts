import { sleep } from "@infra/promises";

import type { BackendFactory, BullBackend } from "./bull-types.js";

const firstWaitMs = 50;
const longestWaitMs = 1_000;

/**
 * A backend whose failures take their time. A worker asks for the next job again as soon as an attempt has failed; where
 * attempts fail at once (a client that is missing, closed, or not let in) it would keep the event loop to itself.
 */
export function calm(make: BackendFactory): BackendFactory {
  return (name, options, extra) => {
    const backend = make(name, options, extra);
    let failures = 0;
    const patient = (method: "moveToActive" | "waitForJob"): void => {
      const original = (backend[method] as (...args: unknown[]) => Promise<unknown>).bind(backend);
      (backend as unknown as Record<string, unknown>)[method] = async (...args: unknown[]) => {
        try {
          const answer = await original(...args);
          failures = 0;
          return answer;
        } catch (error) {
          failures += 1;
          await sleep(Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs), { unref: true });
          throw error;
        }
      };
    };
    patient("moveToActive");
    patient("waitForJob");
    return backend satisfies BullBackend;
  };
}
