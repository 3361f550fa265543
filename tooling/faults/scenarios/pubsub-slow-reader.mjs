import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { PubSubClient } from "@infra/pubsub/client";

export const title = "pubsub: a client that stops to read under a broadcast of 320 MB";

const program = join(import.meta.dirname, "..", "programs", "pubsub-gateway.mjs");
const megabyte = 1024 * 1024;

export async function run({ short }) {
  const messages = short ? 1_000 : 5_000;
  // what reads alone costs, then with one that does not
  const alone = await flood({ messages, stuck: false });
  const both = await flood({ messages, stuck: true });
  const costs = (both.most - alone.most) / megabyte;
  const [closed] = both.closed;
  return {
    ok:
      costs < 50 &&
      closed?.reason === "slow" &&
      closed.afterMs < 10_000 &&
      alone.inOrder &&
      both.inOrder &&
      both.heard === messages,
    seen: `it cost ${costs.toFixed(1)} MB (${(alone.most / megabyte).toFixed(0)} MB without it) and was closed ("${closed?.reason}") ${Math.round(closed?.afterMs)} ms after the broadcast began; the other one heard ${both.heard} of ${messages}, in order: ${both.inOrder}`,
  };
}

async function flood({ messages, stuck }) {
  const server = fork(program, [], { execArgv: ["--expose-gc"] });
  const [{ port }] = await once(server, "message");
  const client = new PubSubClient({ url: `http://127.0.0.1:${port}` });
  let socket;
  try {
    const seen = { heard: 0, inOrder: true };
    await client.subscribe("flood", ({ at }) => {
      seen.heard += 1;
      seen.inOrder &&= at === seen.heard;
      if (seen.heard % 4 === 0) server.send({ heard: seen.heard });
    });
    if (stuck) socket = await stuckReader(port);
    const told = once(server, "message");
    server.send({ flood: messages, closes: stuck });
    const [{ most, closed }] = await told;
    const lastMs = performance.now() + 10_000;
    while (seen.heard !== messages && performance.now() < lastMs) await sleep(10);
    return { most, closed, ...seen };
  } finally {
    socket?.destroy();
    await client.close();
    server.kill("SIGKILL");
    await once(server, "exit");
  }
}

/** A WebSocket by hand, subscribed, that reads nothing more. */
async function stuckReader(port) {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  const saw = async (wanted) => {
    while (!text.includes(wanted)) await sleep(5);
  };
  socket.write(
    `GET /realtime/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  await saw('"sid"');
  socket.write(frame("40"));
  await saw("welcome");
  socket.write(frame('421["subscribe",{"topic":"flood"}]'));
  await saw('"ok":true');
  socket.pause();
  return socket;
}

/** Short text in a frame whose mask is all zeros. */
function frame(text) {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
