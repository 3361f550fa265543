import { LoggerService } from "@infra/logging";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";

import { AlbumApp } from "../support/album-app.js";
import type { Visitor } from "../support/visitor.js";
import { because, assertStill, missing, screenshot, Tabs } from "./tabs.js";

const looks: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: { colorScheme: "light" },
  "phone-dark": { colorScheme: "dark", viewport: { width: 390, height: 844 }, hasTouch: true },
};

/** The tabs, and what is there once each shows something. */
const shown: Readonly<Record<string, (tab: Page) => Promise<void>>> = {
  overview: (tab) => tab.getByRole("heading", { name: /^Started in/ }).waitFor(),
  health: (tab) => tab.getByRole("rowheader", { name: "database" }).waitFor(),
  metrics: (tab) => tab.locator("canvas").nth(9).waitFor(),
  jobs: (tab) => tab.getByRole("rowheader", { name: "photos.purge" }).first().waitFor(),
  logs: (tab) => tab.getByRole("cell", { name: /a line to find/ }).waitFor(),
  config: (tab) => tab.getByRole("rowheader", { name: /^server.port/ }).waitFor(),
};

(missing === undefined ? describe : describe.skip)(`the operators' page${because(missing)}`, () => {
  const app = new AlbumApp({ LOG_LEVEL: "info", LOG_CONSOLE: "false" });
  const tabs = new Tabs(() => app.url);
  let admin: Visitor;

  beforeAll(async () => {
    await app.start();
    await tabs.start();
    admin = await app.person("Grace");
    app.demo.container.get(LoggerService).info("a line to find");
  }, 120_000);
  afterAll(async () => {
    await tabs.close();
    await app.close();
  }, 60_000);

  const open = (path: string, look: BrowserContextOptions = {}): Promise<Page> => {
    const cookies = admin.cookie.split("; ").map((pair) => {
      const [name = "", value = ""] = pair.split("=");
      return { name, value, url: app.url };
    });
    return tabs.open(path, look, cookies);
  };

  for (const [look, options] of Object.entries(looks)) {
    it.each(Object.keys(shown))(
      `${look}: %s has what axe asks for, fits, and does not move`,
      async (name) => {
        const tab = await open(`/admin/${name}`, options);
        await shown[name]!(tab);
        await tab.evaluate(axe.source);
        const { violations } = await tab.evaluate(() =>
          (globalThis as unknown as { axe: typeof axe }).axe.run(),
        );
        await screenshot(tab, `admin-${name}-${look}`);
        const told = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
        expect(told).toEqual([]);
        const root = "document.documentElement";
        const [wanted, there] = await tab.evaluate<[number, number]>(
          `[${root}.scrollWidth, ${root}.clientWidth]`,
        );
        expect(wanted).toBeLessThanOrEqual(there);
        // a log that goes on moves down, line by line
        if (name !== "logs") await assertStill(tab);
        await tab.context().close();
      },
      60_000,
    );
  }

  it("metrics and logs go on by themselves", async () => {
    const tab = await open("/admin/metrics");
    const memory = tab.getByRole("table", { name: /^Memory/ });
    await memory.getByRole("rowheader", { name: `all ${process.pid}` }).waitFor();
    await tab.getByRole("link", { name: "logs" }).click();
    await shown["logs"]!(tab);
    app.demo.container.get(LoggerService).warn("this came while the page was open");
    await tab.getByRole("cell", { name: /this came while/ }).waitFor();
    await tab.getByLabel("Text").fill("to find");
    await tab.getByRole("cell", { name: /this came while/ }).waitFor({ state: "detached" });
    expect(await tab.getByRole("cell", { name: /a line to find/ }).count()).toBe(1);
    await tab.context().close();
  }, 60_000);

  it("the browser has nothing to complain of", () => {
    expect(tabs.complaints).toEqual([]);
  });
});
