// Two services on one engine that goes away under load.
import { setTimeout as sleep } from "node:timers/promises";

import { PubSubService } from "@infra/pubsub";

// 200 a second, on a machine that has nothing else to do
const everyMs = 5;
const backWithinMs = 3_000;

/**
 * Publishes 200 messages a second while the engine is away for `forMs`. Local delivery must go on, delivery to the other
 * service be back within 3 s, and what it missed be told; kept messages arrive once and in order, or a gap is told.
 */
export async function outage({ url, forMs, leave, keeps = false, lossless = false }) {
  const options = { url, durable: ["kept"], timeout: "1s" };
  const [here, there] = [new PubSubService(options), new PubSubService(options)];
  const local = [];
  const remote = [];
  const kept = [];
  const gaps = [];
  let published = 0;
  let taken = 0;
  const load = { stopped: false };
  try {
    await here.subscribe("t", (at) => void local.push(at));
    await there.subscribe("t", (at) => void remote.push(at), { onGap: () => gaps.push("t") });
    await there.subscribe("kept", (at) => void kept.push(at), { onGap: () => gaps.push("kept") });
    const acknowledged = [];
    const keep = async (at) => {
      try {
        await here.publish("kept", at);
        taken += 1;
        acknowledged.push(at);
      } catch {
        // it was told so
      }
    };
    const publishing = (async () => {
      while (!load.stopped) {
        published += 1;
        const at = published;
        // neither waits for the other
        here.publish("t", at).catch(() => {});
        void keep(at);
        await sleep(everyMs);
      }
    })();
    await sleep(1_000);
    const comeBack = await leave();
    const before = { local: local.length, published };
    await sleep(forMs);
    const during = local.length - before.local;
    const tried = published - before.published;
    await comeBack();
    const backAt = performance.now();
    const mark = published;
    while (!(remote.at(-1) > mark) && performance.now() - backAt < 10_000) await sleep(5);
    const backMs = Math.round(performance.now() - backAt);
    await sleep(1_500);
    load.stopped = true;
    await publishing;
    await sleep(1_500);
    const missed = acknowledged.filter((at) => !kept.includes(at)).length;
    const again = kept.length - new Set(kept).size;
    const ok =
      during > 0 &&
      during >= tried - 2 &&
      backMs < backWithinMs &&
      (lossless || gaps.includes("t")) &&
      again === 0 &&
      (missed === 0 || (!keeps && gaps.includes("kept")));
    return {
      ok,
      seen: `${during} of ${tried} delivered here while it was away, there again after ${backMs} ms, ${local.length - remote.length} not delivered there, ${gaps.length} gaps told; of ${taken} kept messages ${missed} missed, ${again} twice`,
    };
  } finally {
    load.stopped = true;
    await here.stop();
    await there.stop();
  }
}
