import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Page } from "playwright-core";

import { AlbumApp } from "../support/album-app.js";
import { person, seesPictures } from "./people.js";
import { landscape } from "./pictures.js";
import { because, missing, Tabs } from "./tabs.js";

(missing === undefined ? describe : describe.skip)(`without a mouse${because(missing)}`, () => {
  const app = new AlbumApp();
  const tabs = new Tabs(() => app.url);
  beforeAll(async () => {
    await app.start();
    await tabs.start();
  }, 120_000);
  afterAll(async () => {
    await tabs.close();
    await app.close();
  });

  it("somebody signs up, makes an album, looks at photos, comments, deletes and brings back", async () => {
    const tab = await tabs.open("/sign-up");
    const { keyboard } = tab;
    const { name, email, password } = person("Cleo");
    await tab.getByLabel("Name").waitFor();
    await focus(tab, "Skip to the content");
    await keyboard.press("Enter");
    for (const text of [name, email, password]) {
      await keyboard.press("Tab");
      await keyboard.type(text);
    }
    await keyboard.press("Enter");

    await tab.getByRole("heading", { name: "Your first album" }).waitFor();
    await focus(tab, "New album");
    await keyboard.press("Enter");
    await keyboard.type("Harbour");
    await keyboard.press("Enter");
    await tab.getByRole("heading", { level: 1, name: "Harbour" }).waitFor();
    await tab.waitForFunction(() => document.activeElement?.id === "main");

    await focus(tab, "Upload");
    const chooser = tab.waitForEvent("filechooser");
    // what listens is set up in the page, past which a key would overtake it
    await tab.evaluate(() => undefined);
    await keyboard.press("Enter");
    const pictures = [1, 2, 3].map(async (seed) => ({
      name: `Pier ${seed}.jpg`,
      mimeType: "image/jpeg",
      buffer: await landscape({ seed, width: 900, height: 600 }),
    }));
    await (await chooser).setFiles(await Promise.all(pictures));
    await seesPictures(tab, 3);

    // the second one; arrows to the third and to the first; Escape goes back to where it was
    const names = await tab.locator(".gallery a").allTextContents();
    expect(names).toHaveLength(3);
    const order = await tab
      .locator(".gallery img")
      .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).alt));
    await focus(tab, order[1]!);
    await keyboard.press("Enter");
    await shown(tab, order[1]!);
    await keyboard.press("ArrowRight");
    await shown(tab, order[2]!);
    await keyboard.press("ArrowRight");
    await keyboard.press("ArrowLeft");
    await keyboard.press("ArrowLeft");
    await shown(tab, order[0]!);
    await focus(tab, "Write a comment");
    // within a field the arrows are the field's
    await keyboard.type("The first");
    await keyboard.press("ArrowLeft");
    await shown(tab, order[0]!);
    await keyboard.press("Enter");
    await tab.getByRole("log").getByText("The first").waitFor();
    await keyboard.press("Escape");
    await tab.getByRole("dialog").waitFor({ state: "detached" });
    await tab.waitForFunction(() => document.activeElement?.matches(".gallery a") ?? false);

    await keyboard.press("Enter");
    await shown(tab, order[0]!);
    await tab.getByRole("log").getByText("The first").waitFor();
    await focus(tab, "Delete");
    await keyboard.press("Enter");
    await tab.getByRole("dialog").waitFor({ state: "detached" });
    await focus(tab, "Undo");
    await keyboard.press("Enter");
    await seesPictures(tab, 3);
    expect(tabs.complaints).toEqual([]);
  }, 120_000);
});

const shown = (tab: Page, title: string): Promise<void> =>
  tab.getByRole("dialog", { name: title }).waitFor();

/** Goes on by Tab until something of this name has the focus, and can be seen to have it. */
async function focus(tab: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let at = 0; at < 40; at += 1) {
    await tab.keyboard.press("Tab");
    const focused = await tab.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const picture = element.querySelector("img");
      return {
        name: element.ariaLabel ?? (picture?.alt || element.textContent.trim()),
        ring: outlineStyle !== "none" && outlineWidth !== "0px",
      };
    });
    seen.push(focused.name);
    if (focused.name !== name) continue;
    expect(focused).toEqual({ name, ring: true });
    return;
  }
  throw new Error(`Tab does not come to ${name}, but to ${seen.join(", ")}`);
}
