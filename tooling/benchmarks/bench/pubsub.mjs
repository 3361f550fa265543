// Deliveries: in memory to 10 listeners; to a room of 200 sockets on one node; and from one node to the sockets of another.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";
import { broadcast } from "./pubsub/broadcast.mjs";

export const title =
  "in memory to 10 subscribers; 200 bytes to a room of 200 sockets in a second process, from the same node and from another over Redis; p99 as its inverse, at 33 messages/s";
export const unit = "deliveries/s, 1/s";
export const packages = ["@infra/pubsub", "@infra/testing"];

export function versions() {
  return versionsOf("socket.io", "socket.io-client", "@socket.io/redis-streams-adapter", "redis");
}

const memory = join(import.meta.dirname, "pubsub", "memory.mjs");
const inMemory = (name, program) => ({
  name,
  group: "in memory",
  answer: () => inOwnProcess(memory, program, "answer"),
  measure: async () => ({ value: await inOwnProcess(memory, program, "measure") }),
});

const half = "5 million/s or half of EventEmitter, in memory";
const seen = new Map();

function sockets(library, nodes) {
  const where = nodes === 1 ? "one node" : "two nodes";
  const key = `${library}, ${where}`;
  return [
    {
      name: key,
      group: "sockets",
      answer: async () => (await broadcast({ library, nodes, messages: 20, paced: 5 })).answer,
      async measure() {
        const result = await broadcast({ library, nodes, messages: 1_200, paced: 150 });
        seen.set(key, result);
        return {
          value: result.perSecond,
          note: { "ms p99": result.p99Ms, "µs of CPU each": result.cpuMicros },
        };
      },
    },
    {
      name: `${key}, 1/p99`,
      group: "p99",
      answer: async () => true,
      // of the run above; of one of its own where the round begins with this
      async measure() {
        const result =
          seen.get(key) ?? (await broadcast({ library, nodes, messages: 1_200, paced: 150 }));
        return { value: 1_000 / result.p99Ms };
      },
    },
  ];
}

export const contestants = [
  inMemory("EventEmitter, in memory", "emitter"),
  inMemory("@infra/pubsub, in memory", "pubsub"),
  {
    name: half,
    group: "bar",
    answer: async () => true,
    measure: async () => ({
      value: Math.min(5_000_000, (await inOwnProcess(memory, "emitter", "measure")) / 2),
    }),
  },
  ...[1, 2].flatMap((nodes) =>
    ["socket.io", "@infra/pubsub"].flatMap((library) => sockets(library, nodes)),
  ),
];

export const bars = [
  { contestant: "@infra/pubsub, in memory", against: half, least: 1 },
  { contestant: "@infra/pubsub, one node", against: "socket.io, one node", least: 0.95 },
  {
    contestant: "@infra/pubsub, one node, 1/p99",
    against: "socket.io, one node, 1/p99",
    least: 1 / 1.1,
  },
  { contestant: "@infra/pubsub, two nodes", against: "socket.io, two nodes", least: 0.9 },
];
