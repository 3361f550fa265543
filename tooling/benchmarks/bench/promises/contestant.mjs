// node contestant.mjs NAME answer|measure: sends what a few calls give, or how many of them a second.
import { best } from "../../own-process.mjs";

const [name, wanted] = process.argv.slice(2);
const concurrency = 10;

/** `(items, task) => results`: each task begins when fewer than ten run. */
const maps = {
  "p-map": async () => {
    const { default: pMap } = await import("p-map");
    return (items, task) => pMap(items, task, { concurrency });
  },
  mapConcurrent: async () => {
    const { mapConcurrent } = await import("@infra/promises");
    return (items, task) => mapConcurrent(items, task, { concurrency });
  },
  "p-limit": async () => {
    const { default: pLimit } = await import("p-limit");
    return (items, task) => {
      const limit = pLimit(concurrency);
      return Promise.all(items.map((item) => limit(() => task(item))));
    };
  },
  "p-queue": async () => {
    const { default: PQueue } = await import("p-queue");
    return (items, task) => {
      const queue = new PQueue({ concurrency });
      return Promise.all(items.map((item) => queue.add(() => task(item))));
    };
  },
  limiter: async () => {
    const { limiter } = await import("@infra/promises");
    return (items, task) => {
      const limit = limiter({ concurrency });
      return Promise.all(items.map((item) => limit(() => task(item))));
    };
  },
};

/** `(work) => result`. */
const calls = {
  "a plain call": async () => async (work) => work(),
  retry: async () => {
    const { retry } = await import("@infra/promises");
    return (work) => retry(work);
  },
  "cockatiel's retry": async () => {
    const policy = cockatielRetry(await import("cockatiel"));
    return (work) => policy.execute(work);
  },
  CircuitBreaker: async () => {
    const { CircuitBreaker } = await import("@infra/promises");
    const breaker = new CircuitBreaker();
    return (work) => breaker.run(work);
  },
  "cockatiel's breaker": async () => {
    const policy = cockatielBreaker(await import("cockatiel"));
    return (work) => policy.execute(work);
  },
  "retry and CircuitBreaker": async () => {
    const { CircuitBreaker, combine, retryPolicy } = await import("@infra/promises");
    const policy = combine(retryPolicy(), new CircuitBreaker());
    return (work) => policy.run(work);
  },
  "cockatiel's retry and breaker": async () => {
    const cockatiel = await import("cockatiel");
    const policy = cockatiel.wrap(cockatielRetry(cockatiel), cockatielBreaker(cockatiel));
    return (work) => policy.execute(work);
  },
};

function cockatielRetry({ ExponentialBackoff, handleAll, retry }) {
  return retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() });
}

function cockatielBreaker({ circuitBreaker, ConsecutiveBreaker, handleAll }) {
  return circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) });
}

const isMap = name in maps;
const contestant = await (isMap ? maps : calls)[name]();
process.send(
  await (wanted === "measure"
    ? best(isMap ? mapTurn : callTurn, { turns: 3, forMs: 300 })
    : answer()),
);

async function mapTurn() {
  const items = Array.from({ length: 100_000 }, (_, at) => at);
  const startMs = performance.now();
  const results = await contestant(items, async (item) => item);
  const tookMs = performance.now() - startMs;
  if (results.at(-1) !== items.at(-1)) throw new Error("the results are not those of the items");
  return (1000 * items.length) / tookMs;
}

async function callTurn() {
  const count = 50_000;
  const resolved = Promise.resolve(7);
  const work = () => resolved;
  let sum = 0;
  const startMs = performance.now();
  for (let at = 0; at < count; at += 1) sum += await contestant(work);
  const tookMs = performance.now() - startMs;
  if (sum !== 7 * count) throw new Error("the results are not those of the calls");
  return (1000 * count) / tookMs;
}

async function answer() {
  if (!isMap) return [await contestant(async () => "done"), await failure()];
  let running = 0;
  let most = 0;
  const began = [];
  const results = await contestant(
    Array.from({ length: 25 }, (_, at) => at),
    async (item) => {
      began.push(item);
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
      return item * 2;
    },
  );
  return { results, most, began };
}

/** A failure comes through as it is, once what it is for has been tried. */
async function failure() {
  const error = Object.assign(new Error("down"), { retryable: false });
  return contestant(async () => {
    throw error;
  }).then(
    () => "succeeded",
    (thrown) => thrown === error,
  );
}
