// Deliveries per second of one publisher to 10 listeners: `node memory.mjs emitter|pubsub answer|measure`.
import { EventEmitter } from "node:events";

import { PubSubService } from "@infra/pubsub";

import { best } from "../../own-process.mjs";

const [library, what] = process.argv.slice(2);
const listeners = 10;
const message = { id: 7, text: "hello" };
const seen = { heard: 0, sum: 0 };
const listen = ({ id }) => {
  seen.heard += 1;
  seen.sum += id;
};

let publish;
if (library === "emitter") {
  const emitter = new EventEmitter().setMaxListeners(listeners);
  for (let at = 0; at < listeners; at += 1) emitter.on("orders.created", listen);
  publish = () => emitter.emit("orders.created", message);
} else {
  const pubsub = new PubSubService();
  for (let at = 0; at < listeners; at += 1) await pubsub.subscribe("orders.created", listen);
  publish = () => pubsub.publish("orders.created", message);
}

async function turn() {
  const times = 50_000;
  seen.heard = 0;
  const started = performance.now();
  for (let at = 0; at < times; at += 1) await publish();
  while (seen.heard !== times * 10) await new Promise((resolve) => void setImmediate(resolve));
  return (seen.heard / (performance.now() - started)) * 1_000;
}

if (what === "answer") {
  for (let at = 0; at < 3; at += 1) await publish();
  await new Promise((resolve) => void setImmediate(resolve));
  process.send(seen);
} else process.send(await best(turn));
