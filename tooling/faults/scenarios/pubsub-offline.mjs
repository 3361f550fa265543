import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { PubSubClient } from "@infra/pubsub/client";

export const title = "pubsub: a client that is off line for 30 s while 500 messages are published";

const program = join(import.meta.dirname, "..", "programs", "pubsub-gateway.mjs");
const missed = 500;
const around = 20;

export async function run({ short }) {
  const offMs = short ? 3_000 : 30_000;
  const server = fork(program);
  const [{ port }] = await once(server, "message");
  const line = await openLine(port);
  const client = new PubSubClient({ url: `http://127.0.0.1:${line.port}` });
  const topics = ["kept", "passing"].map((name) => ({ name, heard: [], ids: new Set(), gaps: 0 }));
  const publish = async (from, count, overMs) => {
    server.send({ publish: { from, count, overMs } });
    await once(server, "message");
  };
  try {
    for (const topic of topics) {
      await client.subscribe(
        topic.name,
        (at, { id }) => {
          topic.heard.push(at);
          topic.ids.add(id);
        },
        { onGap: () => void (topic.gaps += 1) },
      );
    }
    await publish(1, around, 200);
    line.cut();
    await publish(around + 1, missed, offMs);
    line.mend();
    const startedMs = performance.now();
    await publish(around + missed + 1, around, 200);
    const last = around + missed + around;
    while (
      topics.some(({ heard }) => heard.at(-1) !== last) &&
      performance.now() - startedMs < 20_000
    )
      await sleep(10);
    const tookMs = Math.round(performance.now() - startedMs);
    const whole = ({ heard, ids }) =>
      heard.length === last && ids.size === last && heard.every((at, index) => at === index + 1);
    const seen = topics.map(
      ({ name, heard, ids, gaps }) =>
        `${name}: ${heard.length} of ${last} heard, ${ids.size} ids, ${gaps} gaps told`,
    );
    return {
      ok: topics.every((topic) => whole(topic) && topic.gaps === 0),
      seen: `${offMs / 1_000} s off line; ${seen.join("; ")}; whole again ${tookMs} ms after it was back`,
    };
  } finally {
    await client.close();
    line.close();
    server.kill("SIGKILL");
    await once(server, "exit");
  }
}

/** A line to a port, which can be cut: what is there breaks, and what comes is refused. */
async function openLine(to) {
  const open = new Set();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(to, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      open.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    whole = false;
    for (const each of open) each.destroy();
  };
  return {
    port: server.address().port,
    cut,
    mend: () => void (whole = true),
    close() {
      cut();
      server.close();
    },
  };
}
