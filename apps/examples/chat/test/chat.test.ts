import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { PubSubClient } from "@infra/pubsub/client";
import { testDatabases, testRedis, until } from "@infra/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { chromium, type Browser, type Page } from "playwright-core";

import { room, type ChatMessage } from "../src/topics.js";

const redis = testRedis(process.env);
const postgres = (await testDatabases(process.env)).find(({ name }) => name === "postgres")!;
const chromiumPath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const secret = "the secret of this test, and of no other one";
const started: ChildProcess[] = [];
const clients: PubSubClient[] = [];
let browser: Browser;

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const context of browser?.contexts() ?? []) await context.close();
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.kill("SIGKILL"))
      await new Promise((resolve) => child.once("exit", resolve));
  }
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Two servers that know each other. */
async function startServers(pubsubUrl: string, env: Record<string, string> = {}) {
  const ports = [await freePort(), await freePort()];
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const servers = ports.map((port, at) => {
    const child = spawn(process.execPath, [...sourceFlags, main], {
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        PORT: String(port),
        PUBSUB_URL: pubsubUrl,
        JWT_SECRET: secret,
        // a page begins at the server that it came from
        CHAT_URLS: [urls[at]!, urls[1 - at]!].join(","),
        ...env,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    const listening = new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
    return { url: urls[at]!, child, listening };
  });
  for (const { listening } of servers) await listening;
  return servers;
}

async function signIn(url: string, name: string, tenant = "acme"): Promise<string> {
  const answer = await fetch(`${url}/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, tenant }),
  });
  return ((await answer.json()) as { token: string }).token;
}

async function openTab(url: string, name: string, wanted = "lobby"): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await page.fill("[name=name]", name);
  await page.fill("[name=tenant]", "acme");
  await page.fill("[name=room]", wanted);
  await page.click("#sign-in button");
  return page;
}

const textOf = (page: Page, selector: string): Promise<string> =>
  page.locator(selector).textContent().then(String);

const linesOf = (page: Page): Promise<string[]> => page.locator("#messages li").allTextContents();

async function say(page: Page, text: string): Promise<void> {
  await page.fill("[name=text]", text);
  await page.click("#say button");
}

const shows = (page: Page, selector: string, text: string): Promise<boolean> =>
  until(async () => (await textOf(page, selector)).includes(text), { timeoutMs: 30_000 });

const missing = chromiumPath === undefined ? "no Chromium on this machine" : undefined;
if (missing !== undefined && process.env["REQUIRED_ENGINES"]?.split(",").includes("chromium")) {
  throw new Error(`REQUIRED_ENGINES names chromium, but there is ${missing}`);
}
const engines = [redis, postgres];

for (const engine of engines) {
  const why = engine.missing ?? missing;
  const title = `two tabs on two servers over ${engine.name}`;
  (why === undefined ? describe : describe.skip)(
    why === undefined ? title : `${title} (skipped: ${why})`,
    () => {
      beforeAll(async () => {
        browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
      });
      afterAll(async () => {
        await browser.close();
        await engine.close();
      });

      it("see each other and what is said, with a Node.js client among them; a tab whose server stops misses nothing", async () => {
        const [first, second] = await startServers(await engine.url());
        const ada = await openTab(first!.url, "ada");
        await shows(ada, "#status", "connected as ada@acme");
        const bob = await openTab(second!.url, "bob");
        await shows(bob, "#status", "connected as bob@acme");
        for (const tab of [ada, bob]) await shows(tab, "#members", "ada@acme, bob@acme");

        const robot = new PubSubClient({
          url: second!.url,
          token: await signIn(first!.url, "robot"),
        });
        clients.push(robot);
        const heard: ChatMessage[] = [];
        await robot.subscribe(room("acme", "lobby"), (message) => void heard.push(message), {
          onPresence: () => {},
        });
        await shows(ada, "#members", "ada@acme, bob@acme, robot@acme");
        await say(ada, "hello");
        await until(async () => (await linesOf(bob)).includes("ada: hello"));
        await say(bob, "<b>hello</b> yourself");
        await until(async () => (await linesOf(ada)).includes("bob: <b>hello</b> yourself"));
        await until(() => heard.length === 2);
        await robot.publish(room("acme", "lobby"), { from: "robot", text: "beep" });
        await until(async () => (await linesOf(ada)).includes("robot: beep"));
        await expect(
          robot.publish<unknown>(room("other", "lobby"), { from: "robot", text: "beep" }),
        ).rejects.toMatchObject({ code: "ERR_PUBSUB_TOPIC_DENIED" });

        // the second server stops: its tab goes to the first, and gets what was said meanwhile
        const exited = new Promise((resolve) => second!.child.once("exit", resolve));
        second!.child.kill("SIGTERM");
        for (let at = 1; at <= 20; at += 1) await say(ada, `meanwhile ${at}`);
        expect(await exited).toBe(0);
        const whole = [
          "ada: hello",
          "bob: <b>hello</b> yourself",
          "robot: beep",
          ...Array.from({ length: 20 }, (_, at) => `ada: meanwhile ${at + 1}`),
        ];
        for (const tab of [bob, ada])
          await until(async () => (await linesOf(tab)).length >= whole.length);
        await shows(bob, "#status", "connected");
        await say(bob, "still here");
        for (const tab of [bob, ada])
          await until(async () => (await linesOf(tab)).length >= whole.length + 1);
        expect(await linesOf(bob)).toEqual([...whole, "bob: still here"]);
        expect(await linesOf(ada)).toEqual([...whole, "bob: still here"]);

        // who comes later reads what was said before
        const late = await openTab(first!.url, "late");
        await until(async () => (await linesOf(late)).length === whole.length + 1);
      }, 120_000);

      it("are closed when a session is signed out or ends, and get into no room of another company", async () => {
        const [first, second] = await startServers(await engine.url(), { SESSION_MS: "8000" });
        const stranger = await openTab(first!.url, "eve", "other/lobby");
        await shows(stranger, "#status", "ERR_PUBSUB_TOPIC_DENIED");
        const token = await signIn(first!.url, "ada");
        const tabs = [first!, second!].map(({ url }) => new PubSubClient({ url, token }));
        clients.push(...tabs);
        for (const tab of tabs) await tab.connected();
        const startedMs = performance.now();
        await fetch(`${first!.url}/sign-out`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ token }),
        });
        await until(() => tabs.every(({ state }) => state === "closed"));
        expect(performance.now() - startedMs).toBeLessThan(2_000);
        const short = await openTab(second!.url, "short");
        await shows(short, "#status", "connected as short@acme");
        await shows(short, "#status", "closed");
      }, 120_000);
    },
  );
}
