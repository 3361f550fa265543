import { setTimeout as sleep } from "node:timers/promises";

import { startServer } from "../server-process.mjs";

export const title = "server: handlers that hang are cut at the budget, answered, and named";

/** The delay and the budget of the program. */
const leastMs = 500 + 2000;
const graceMs = 1500;

export async function run({ short }) {
  const hanging = short ? 5 : 100;
  const server = await startServer();
  try {
    const answers = Array.from({ length: hanging }, (_, at) =>
      fetch(`${server.url}/hang/${at}`).then(
        async (response) => ({ status: response.status, ...(await response.json()) }),
        (error) => ({ status: error.message }),
      ),
    );
    await sleep(300);
    const { code, cut, elapsedMs } = await server.end();
    const refused = (await Promise.all(answers)).filter(
      (answer) => answer.status === 503 && answer.code === "ERR_SERVER_STOPPED",
    ).length;
    const named = cut.filter(({ method, route }) => method === "GET" && route === "/hang/:id");
    return {
      ok:
        code === 0 &&
        refused === hanging &&
        named.length === hanging &&
        elapsedMs >= leastMs &&
        elapsedMs < leastMs + graceMs,
      seen: `${refused} of ${hanging} answered with 503, ${named.length} named, ended after ${Math.round(elapsedMs)} ms with exit code ${code}`,
    };
  } finally {
    server.kill();
  }
}
