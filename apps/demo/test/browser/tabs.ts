import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "@jest/globals";
import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type ConsoleMessage,
  type Page,
  type Locator,
} from "playwright-core";

const executablePath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

const page = fileURLToPath(new URL("../../dist/web/index.html", import.meta.url));
const screenshots = fileURLToPath(new URL("../../test-results/screenshots", import.meta.url));

/** How long something may take to appear: the machine may be busy with other suites. */
const patienceMs = 20_000;

/** Why the page can't be tested here; `undefined` when it can. */
export const missing = whyMissing();

/** Stands behind the title of what is skipped. */
export const because = (why: string | undefined): string =>
  why === undefined ? "" : ` (skipped: ${why})`;

function whyMissing(): string | undefined {
  const required = process.env["REQUIRED_ENGINES"]?.split(",").includes("chromium") ?? false;
  if (executablePath === undefined && required) {
    throw new Error("REQUIRED_ENGINES names chromium, but there is none on this machine");
  }
  if (executablePath === undefined) return "no Chromium on this machine";
  if (!existsSync(page))
    throw new Error("the page is not built: pnpm --filter @infra/demo run web");
  return undefined;
}

/** What a browser is given to begin with. */
interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly url: string;
}

/** A browser, and everything that its tabs complained about. */
export class Tabs {
  readonly #url: () => string;
  #browser: Browser | undefined;
  /** Errors in consoles, errors that nobody caught, and requests that failed. */
  readonly complaints: string[] = [];

  constructor(url: () => string) {
    this.#url = url;
  }

  async start(): Promise<void> {
    this.#browser = await chromium.launch({
      executablePath: executablePath!,
      args: ["--no-sandbox", "--disable-background-networking"],
    });
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }

  /** A tab of somebody who has never been here, or comes with what they had. */
  async open(
    path = "/",
    options: BrowserContextOptions = {},
    cookies: readonly Cookie[] = [],
  ): Promise<Page> {
    const context = await this.#browser!.newContext({
      baseURL: this.#url(),
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    await context.addCookies(cookies);
    context.setDefaultTimeout(patienceMs);
    await context.addInitScript(observeShifts);
    const tab = await context.newPage();
    const complain = (what: string): void => void this.complaints.push(`${tab.url()}: ${what}`);
    tab.on("console", (message: ConsoleMessage) => {
      if (message.type() === "error") complain(message.text());
    });
    tab.on("pageerror", (error) => complain(String(error)));
    tab.on("response", (response) => {
      if (response.status() >= 400) complain(`${response.status()} ${response.url()}`);
    });
    await tab.goto(path);
    return tab;
  }
}

/** Runs in the page: sums up what moved without anybody having done something. */
function observeShifts(): void {
  const state = globalThis as unknown as { moves: Move[] };
  state.moves = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & Shift)[]) {
      if (entry.hadRecentInput) continue;
      const what = entry.sources.map(({ node }) => (node as Element | null)?.className ?? "?");
      state.moves.push({ value: entry.value, what });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

interface Shift {
  readonly sources: readonly { readonly node: Node | null }[];
  readonly value: number;
  readonly hadRecentInput: boolean;
}

interface Move {
  /** The part of the window that moved, times how far. */
  readonly value: number;
  /** Classes of what moved. */
  readonly what: readonly string[];
}

/** What has moved by itself since the page was loaded, or since the last call. */
export const moves = (tab: Page): Promise<readonly Move[]> =>
  tab.evaluate(() => (globalThis as unknown as { moves: Move[] }).moves.splice(0));

/** Nothing that can be seen has moved by itself since the page was loaded, or since the last call of {@link moves}. */
export async function assertStill(tab: Page): Promise<void> {
  expect((await moves(tab)).filter(({ value }) => value > 0.005)).toEqual([]);
}

/** It appears, sooner or later. */
export const assertShown = (what: Locator): Promise<void> => what.waitFor();

/** It is not there, or goes away. */
export const assertGone = (what: Locator): Promise<void> => what.waitFor({ state: "detached" });

/** Keeps what the tab shows, to be looked at: `test-results/screenshots/<name>.png`. */
export async function screenshot(tab: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await tab.screenshot({ path: `${screenshots}/${name}.png` });
}
