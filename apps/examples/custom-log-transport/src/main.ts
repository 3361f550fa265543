// Logs to the console and to a webhook: that of SLACK_WEBHOOK_URL, or one on this machine that prints what it is sent.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

import { LoggerService } from "@infra/logging";

import { SlackLogTransport } from "./slack-log-transport.js";

const webhook = createServer(async (request, response) => {
  const { text } = (await json(request)) as { text: string };
  console.log(`webhook: ${text}`);
  response.end("ok");
}).listen(0, "127.0.0.1");
await once(webhook, "listening");
const local = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`;

const loggerService = new LoggerService({ format: "json" });

// Register with the logger service
loggerService.addTransport(new SlackLogTransport(process.env["SLACK_WEBHOOK_URL"] ?? local));

loggerService.info("listening", { port: 3000 });
loggerService.warn("almost full", { usedBytes: 4096, password: "hunter2" });
loggerService.error("a job failed", { error: new Error("no space") });

// delivers every line
await loggerService.stop();
webhook.close();
