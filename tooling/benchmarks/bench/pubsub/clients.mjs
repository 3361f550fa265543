// The clients: `node clients.mjs LIBRARY PORT COUNT`. Says when everything has come, and how long it took.
import { io } from "socket.io-client";

const [, port, count] = process.argv.slice(2);
const total = Number(count);
let heard = 0;
let wanted = Infinity;
let wantedPaced = Infinity;
let expected = 0;
let paced = false;
const latencies = [];
let last;

async function connect(at) {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true });
  let own = 0;
  socket.on("m", (_topic, message) => {
    heard += 1;
    own += 1;
    last = message;
    if (paced) latencies.push(performance.timeOrigin + performance.now() - message.at);
    if (at === 0 && own % 20 === 0) process.send({ received: own });
    look();
  });
  await new Promise((resolve, reject) => {
    socket.on("connect_error", reject);
    socket.on("connect", () => socket.emit("subscribe", { topic: "room" }, resolve));
  });
}
await Promise.all(Array.from({ length: total }, (_, at) => connect(at)));
process.send({ ready: true });

process.on("message", (order) => {
  if (order.expect) {
    expected = order.expect;
    wanted = order.expect * total;
  } else if (order.expectPaced) {
    wantedPaced = wanted + order.expectPaced * total;
  }
  look();
});

function look() {
  if (!paced && heard >= wanted) {
    paced = true;
    process.send({ fast: true });
  }
  if (paced && heard >= wantedPaced) {
    wantedPaced = Infinity;
    latencies.sort((a, b) => a - b);
    const p99Ms = latencies[Math.floor(latencies.length * 0.99)];
    const answer = { each: heard / total - expected, text: last.text.length };
    process.send({ done: { p99Ms, answer } });
  }
}
