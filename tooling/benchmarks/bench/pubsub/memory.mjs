// Deliveries per second of one publisher to 10 listeners: `node memory.mjs emitter|pubsub answer|measure`.
import { EventEmitter } from "node:events";

import { PubSubService } from "@infra/pubsub";

import { best } from "../../own-process.mjs";

const [library, what] = process.argv.slice(2);
const listeners = 10;
const message = { id: 7, text: "hello" };
let heard = 0;
let sum = 0;
const listen = ({ id }) => {
  heard += 1;
  sum += id;
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
  heard = 0;
  const started = performance.now();
  for (let at = 0; at < times; at += 1) await publish();
  while (heard < times * listeners) await new Promise((resolve) => void setImmediate(resolve));
  return (heard / (performance.now() - started)) * 1_000;
}

if (what === "answer") {
  for (let at = 0; at < 3; at += 1) await publish();
  await new Promise((resolve) => void setImmediate(resolve));
  process.send({ heard, sum });
} else process.send(await best(turn));
