import { settle, type ManualClock } from "@infra/testing";

import { WorkQueue, type WorkQueueOptions } from "../src/index.js";

/** A queue whose operations wait until they are let go, in the order in which they began. */
export function gated(
  options: Partial<WorkQueueOptions<string, string>> = {},
  clock?: ManualClock,
) {
  const begun: string[] = [];
  const gates: (() => void)[] = [];
  const queue = new WorkQueue<string, string>(
    {
      handle: async (item) => {
        begun.push(item);
        await new Promise<void>((resolve) => gates.push(resolve));
        return item;
      },
      ...options,
    },
    { clock },
  );
  const letGo = async (): Promise<void> => {
    gates.shift()!();
    await settle();
  };
  const letAllGo = async (): Promise<void> => {
    while (gates.length > 0) await letGo();
  };
  return { queue, begun, letGo, letAllGo };
}
