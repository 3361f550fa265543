import { describeDelivery } from "./pubsub/delivery.js";
import { describeKept } from "./pubsub/kept.js";
import type { PubSubEnds } from "./pubsub/listen.js";
import { describePatterns } from "./pubsub/patterns.js";
import { afterEach, describe } from "./runner.js";

export type { PubSubEnds } from "./pubsub/listen.js";

/** Options of {@link describePubSubContract}. */
export interface PubSubContractOptions {
  /** Why nothing is kept; those tests are skipped, and show it. */
  readonly keepsNothing?: string;
}

/** The tests that every `PubSub` passes. */
export function describePubSubContract(
  name: string,
  create: () => Promise<PubSubEnds>,
  { keepsNothing }: PubSubContractOptions = {},
): void {
  describe(`PubSub contract: ${name}`, () => {
    const opened: PubSubEnds[] = [];
    const open = async (): Promise<PubSubEnds> => {
      const ends = await create();
      opened.push(ends);
      return ends;
    };
    afterEach(async () => {
      for (const ends of opened.splice(0)) await ends.close();
    });

    describeDelivery(open);
    describePatterns(open);
    const title = keepsNothing === undefined ? "kept messages" : `kept messages (${keepsNothing})`;
    (keepsNothing === undefined ? describe : describe.skip)(title, () => describeKept(open));
  });
}
