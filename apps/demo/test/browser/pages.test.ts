import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import axe from "axe-core";
import type { BrowserContextOptions, Page as Tab } from "playwright-core";

import { AlbumApp } from "../support/album-app.js";
import type { Visitor } from "../support/visitor.js";
import { landscape } from "./pictures.js";
import { because, assertStill, missing, screenshot, Tabs } from "./tabs.js";

const windows: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: {},
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
};

(missing === undefined ? describe : describe.skip)(`every page${because(missing)}`, () => {
  const app = new AlbumApp();
  const tabs = new Tabs(() => app.url);
  let ada: Visitor;
  let albumId: string;
  let photoIds: readonly string[];
  let link: string;

  beforeAll(async () => {
    await app.start();
    await tabs.start();
    ada = await app.person("Ada");
    ({ albumId, photoIds } = await fillAlbums(ada));
    // they are processed when a page that was open all the time shows them
    const tab = await open(`/albums/${albumId}`, {}, ada);
    await painted(tab, photoIds.length);
    await tab.context().close();
    link = (await ada.post<{ url: string }>(`/api/albums/${albumId}/shares`, { expiresIn: "7d" }))
      .body.url;
  }, 180_000);
  afterAll(async () => {
    await tabs.close();
    await app.close();
  });

  const open = async (path: string, look: BrowserContextOptions, as?: Visitor): Promise<Tab> => {
    const cookies = as?.cookie.split("; ").map((pair) => {
      const end = pair.indexOf("=");
      return { name: pair.slice(0, end), value: pair.slice(end + 1), url: app.url };
    });
    return await tabs.open(path, look, cookies);
  };

  interface Shown {
    readonly name: string;
    readonly path: () => string;
    /** Who looks; nobody in particular if not set. */
    readonly as?: () => Visitor;
    /** Brings the page to where it is to be looked at. */
    readonly act?: (tab: Tab) => Promise<void>;
  }

  const pages: readonly Shown[] = [
    { name: "log-in", path: () => "/log-in", act: (tab) => tab.getByLabel("Password").waitFor() },
    {
      name: "sign-up",
      path: () => "/sign-up",
      async act(tab) {
        await tab.getByLabel("Name").fill("Ben");
        await tab.getByLabel("E-mail").fill("ben@example.org");
        await tab.getByLabel("Password").fill("quartz mole fjord");
      },
    },
    { name: "albums", path: () => "/", as: () => ada, act: (tab) => painted(tab, 1) },
    {
      name: "new-album",
      path: () => "/",
      as: () => ada,
      act: (tab) => tab.getByRole("button", { name: "New album" }).click(),
    },
    {
      name: "account-menu",
      path: () => "/",
      as: () => ada,
      act: (tab) => tab.getByRole("button", { name: /^Account of/ }).click(),
    },
    {
      name: "album",
      path: () => `/albums/${albumId}`,
      as: () => ada,
      act: (tab) => painted(tab, 6),
    },
    {
      name: "share",
      path: () => `/albums/${albumId}`,
      as: () => ada,
      async act(tab) {
        await painted(tab, 6);
        await tab.getByRole("button", { name: "Share" }).click();
        await tab.getByRole("button", { name: "Create link" }).click();
        await tab.getByLabel("Link", { exact: true }).waitFor();
      },
    },
    {
      name: "photo",
      path: () => `/albums/${albumId}?photo=${photoIds[1]}`,
      as: () => ada,
      async act(tab) {
        await tab.locator(".viewer img.loaded").waitFor();
        await tab.getByText("What a light!").waitFor();
      },
    },
    { name: "shared", path: () => link, act: (tab) => painted(tab, 6) },
    {
      name: "shared-ended",
      path: () => "/shared/shr_nothing",
      act: (tab) => tab.getByText("This link leads nowhere").waitFor(),
    },
    { name: "search", path: () => "/search?q=ridge", as: () => ada, act: (tab) => painted(tab, 1) },
    {
      name: "search-nothing",
      path: () => "/search?q=zeppelin",
      as: () => ada,
      act: (tab) => tab.getByText("Nothing matches").waitFor(),
    },
    {
      name: "settings",
      path: () => "/settings",
      as: () => ada,
      async act(tab) {
        await tab.getByText("This one").waitFor();
        await tab.getByRole("button", { name: "Turn on" }).click();
        await tab.getByRole("img", { name: /^QR code/ }).waitFor();
      },
    },
    {
      name: "not-found",
      path: () => "/nowhere",
      act: (tab) => tab.getByText("Nothing is here").waitFor(),
    },
  ];

  for (const [window, options] of Object.entries(windows)) {
    it.each(pages)(
      `$name can be used by everybody, fits and holds still, ${window}`,
      async ({ name, path, as, act }) => {
        const tab = await open(path(), options, as?.());
        await tab.getByRole("heading").first().waitFor();
        await act?.(tab);
        for (const colorScheme of ["light", "dark"] as const) {
          await tab.emulateMedia({ colorScheme });
          expect(await violations(tab)).toEqual([]);
          await screenshot(tab, `${name}-${window}-${colorScheme}`);
        }
        expect(await tab.evaluate(overflow)).toBe(0);
        await assertStill(tab);
        await tab.context().close();
      },
      60_000,
    );
  }

  it("leaves nothing in a console", () => {
    expect(tabs.complaints).toEqual([]);
  });
});

async function fillAlbums(ada: Visitor): Promise<{ albumId: string; photoIds: string[] }> {
  const shapes = [
    [1200, 800],
    [800, 1200],
    [1280, 720],
    [1000, 1000],
    [1200, 800],
    [1600, 700],
  ] as const;
  const { id: albumId } = await ada.album("Summer by the lake");
  await ada.album("Empty for now");
  const photoIds: string[] = [];
  for (const [seed, [width, height]] of shapes.entries()) {
    const bytes = await landscape({ seed: seed * 7 + 3, width, height });
    photoIds.push((await ada.upload(albumId, `Ridge ${seed + 1}.jpg`, bytes)).body.id);
  }
  await ada.post(`/api/photos/${photoIds[1]}/comments`, { text: "What a light!" });
  return { albumId, photoIds };
}

/** Waits until so many pictures are there. */
const painted = (tab: Tab, count: number): Promise<void> =>
  tab
    .locator("main img.loaded")
    .nth(count - 1)
    .waitFor({ timeout: 30_000 });

/** Runs in the page: how far it is wider than its window. */
const overflow = (): number =>
  Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** What axe finds, rule by rule with where. */
async function violations(tab: Tab): Promise<string[]> {
  // what fades in is looked at when it is there
  await tab.waitForFunction(() =>
    document.getAnimations().every(({ effect, playState }) => {
      return playState !== "running" || effect?.getComputedTiming().endTime === Infinity;
    }),
  );
  await tab.evaluate(axe.source);
  return await tab.evaluate(async () => {
    const page = globalThis as unknown as { axe: typeof axe };
    const { violations: found, passes } = await page.axe.run();
    if (passes.length < 10) throw new Error(`axe looked at ${passes.length} rules only`);
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`),
    );
  });
}
