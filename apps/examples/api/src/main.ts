import type { Mailer } from "@infra/interfaces";
import { ServerManager } from "@infra/server";

import { createApi } from "./api.js";

/** Shows the mail, where a real one sends it. */
const mailer: Mailer = {
  send: async ({ to, subject, text }) => {
    process.stdout.write(`\nTo: ${[to].flat().join(", ")}\nSubject: ${subject}\n\n${text}\n`);
  },
};

const { container, lifecycle } = createApi({ mailer });
try {
  await lifecycle.startup();
  const { url } = container.get(ServerManager);
  process.stdout.write(`The API is at ${url}, its document at ${url}/docs\n`);
} catch (error) {
  console.error(`The API did not start: ${(error as Error).message}`);
  process.exitCode = 1;
}
