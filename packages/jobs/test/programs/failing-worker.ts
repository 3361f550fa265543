// A worker of BullMQ, with an error listener, whose backend fails at once. Sends what happened in the first 300 ms; with the
// event loop starved it never does.
import { calm } from "../../src/bull/calm-backend.js";
import { loadBull } from "../../src/bull/load-bull.js";

const bull = await loadBull();
let asked = 0;
const failing = calm(
  () =>
    ({
      on() {},
      once() {},
      waitUntilReady: () => Promise.resolve(),
      moveToActive() {
        asked += 1;
        return Promise.reject(new Error("BullMQ could not load the optional 'ioredis' package"));
      },
      waitForJob: () => Promise.resolve(null),
      moveStalledJobsToWait: () => Promise.resolve([]),
      close: () => Promise.resolve(),
      disconnectBlocking: () => Promise.resolve(),
    }) as never,
);
const worker = new bull.Worker("test", async () => {}, { connection: {} }, failing);
let errors = 0;
worker.on("error", () => (errors += 1));
setTimeout(() => process.send!({ asked, errors }, () => process.exit()), 300);
