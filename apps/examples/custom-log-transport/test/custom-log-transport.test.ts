import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { LoggerService } from "@infra/logging";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { SlackLogTransport } from "../src/slack-log-transport.js";

const example = fileURLToPath(new URL("..", import.meta.url));

/** The lines of the design's snippet that say what it does. */
const snippet = `
export class SlackLogTransport implements LogTransport {
  constructor(private webhookUrl: string) {}
  async log(entry: LogEntry): Promise<void> {
    // Only send errors and warnings to Slack
    if (entry.level === "error" || entry.level === "warn") {
      await fetch(this.webhookUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          text: \`[\${entry.level.toUpperCase()}] \${entry.message}\`,
          blocks: [
              type: "section",
                type: "mrkdwn",
                text: \`*[\${entry.level.toUpperCase()}] \${entry.message}*\\n\\n\\\`\\\`\\\`\${JSON.stringify(entry.meta, null, 2)}\\\`\\\`\\\`\`,
`;

interface Message {
  readonly text: string;
  readonly blocks: readonly { readonly text: { readonly text: string } }[];
}

let messages: Message[];
let webhook: ReturnType<typeof createServer>;
let url: string;
beforeEach(async () => {
  messages = [];
  webhook = createServer(async (request, response) => {
    messages.push((await json(request)) as Message);
    response.end("ok");
  }).listen(0, "127.0.0.1");
  await once(webhook, "listening");
  url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`;
});
afterEach(() => {
  webhook.closeAllConnections();
  webhook.close();
});

describe("the example", () => {
  it("has the lines of the design, in their order", () => {
    const source = readFileSync(join(example, "src/slack-log-transport.ts"), "utf8").split("\n");
    const lines = snippet.trim().split("\n");
    expect(source.filter((line) => lines.includes(line))).toEqual(lines);
  });

  it.each(["its own webhook", "the webhook that SLACK_WEBHOOK_URL names"])(
    "sends warnings and errors to %s, and every line to the console, before it ends",
    async (which) => {
      const own = which === "its own webhook";
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...sourceFlags, join(example, "src/main.ts")],
        {
          cwd: tmpdir(),
          timeout: 60_000,
          env: { PATH: process.env["PATH"], ...(!own && { SLACK_WEBHOOK_URL: url }) },
        },
      );
      const sent = ["[WARN] almost full", "[ERROR] a job failed"];
      const printed = [...stdout.matchAll(/^webhook: (.*)$/gm)].map(([, text]) => text);
      expect(own ? printed : messages.map(({ text }) => text)).toEqual(sent);
      for (const message of ["listening", "almost full", "a job failed"]) {
        expect(stdout).toContain(`"message":"${message}"`);
      }
    },
    90_000,
  );
});

describe("its transport, added to a LoggerService", () => {
  it("sends what stood beside the message, without secrets, in order", async () => {
    const logger = new LoggerService({ console: false });
    logger.addTransport(new SlackLogTransport(url));
    for (let at = 0; at < 5; at += 1) logger.error(`line ${at}`, { at, password: "hunter2" });
    logger.info("not sent");
    await logger.stop();
    expect(messages.map(({ text }) => text)).toEqual(
      [0, 1, 2, 3, 4].map((at) => `[ERROR] line ${at}`),
    );
    const block = messages[3]!.blocks[0]!.text.text;
    expect(block).toContain('"at": 3');
    expect(block).not.toContain("hunter2");
  });

  it("does not reach the caller when the webhook is not there", async () => {
    webhook.closeAllConnections();
    await new Promise((resolve) => webhook.close(resolve));
    const logger = new LoggerService({ console: false });
    logger.addTransport(new SlackLogTransport(url));
    expect(() => logger.error("nobody hears")).not.toThrow();
    await logger.stop();
  });
});
