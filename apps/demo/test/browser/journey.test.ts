import { Totp } from "@infra/security";
import { until } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Page } from "playwright-core";

import { AlbumApp } from "../support/album-app.js";
import { engines } from "../support/engines.js";
import { drop, logIn, makeAlbum, person, seesPictures, signUp } from "./people.js";
import { clip, hasFfmpeg, landscape, largePicture } from "./pictures.js";
import { because, assertGone, assertShown, assertStill, missing, moves, Tabs } from "./tabs.js";

const [ada, ben] = [person("Ada"), person("Ben")];
const partSize = 256 * 1024;

for (const engine of await engines()) {
  const why = engine.missing ?? missing;
  // the engine's own reason stands in its title
  const title = `two people and a visitor, ${engine.title}${because(engine.missing ? undefined : missing)}`;
  (why === undefined ? describe : describe.skip)(title, () => {
    let app: AlbumApp;
    let tabs: Tabs;
    // one after the other, each goes on where the one before ended
    let adas: Page;
    let bens: Page;
    let link: string;

    beforeAll(async () => {
      app = new AlbumApp({ ...(await engine.env()), UPLOAD_PART_SIZE: String(partSize) });
      await app.start();
      tabs = new Tabs(() => app.url);
      await tabs.start();
    }, 120_000);
    afterAll(async () => {
      await tabs?.close();
      await app?.close();
      await engine.close();
    }, 60_000);

    it("sign up, make an album, drop three photos into it, and reload in the middle: nothing is sent twice", async () => {
      adas = await tabs.open();
      await signUp(adas, ada);
      await makeAlbum(adas, "Summer by the lake");

      const sent: string[] = [];
      adas.on("request", (request) => {
        if (request.method() === "PUT") sent.push(request.url());
      });
      const isSent = (part: number): boolean => sent.some((url) => url.endsWith(`/parts/${part}`));
      // the large one gets no further than its first parts
      const held = /\/parts\/([3-9]|\d\d)$/;
      await adas.route(held, () => {});
      await drop(adas, [
        {
          name: "ridge.jpg",
          type: "image/jpeg",
          bytes: await landscape({ seed: 3, width: 1200, height: 800 }),
        },
        { name: "large.jpg", type: "image/jpeg", bytes: await largePicture(12 * partSize) },
        {
          name: "valley.jpg",
          type: "image/jpeg",
          bytes: await landscape({ seed: 9, width: 800, height: 1200 }),
        },
      ]);
      await seesPictures(adas, 2);
      await until(() => isSent(3));
      await assertShown(adas.getByRole("progressbar", { name: "large.jpg" }));

      sent.length = 0;
      await adas.reload();
      // only now: what was held up goes on when nothing holds it up any more
      await adas.unroute(held);
      await seesPictures(adas, 3);
      expect([0, 1, 2].filter(isSent)).toEqual([]);
      expect(isSent(3)).toBe(true);
      expect(new Set(sent).size).toBe(sent.length);
    }, 120_000);

    it("share it by a link, join, and see each other", async () => {
      await adas.getByRole("button", { name: "Share" }).click();
      await adas.getByLabel("The link works for").selectOption("One day");
      await adas.getByRole("button", { name: "Create link" }).click();
      link = await adas.getByLabel("Link", { exact: true }).inputValue();
      expect(link).toContain(`${app.url}/shared/shr_`);
      await adas.keyboard.press("Escape");

      bens = await tabs.open(link);
      await seesPictures(bens, 3);
      await bens.getByRole("link", { name: "Log in to join" }).click();
      await signUp(bens, ben);
      await bens.getByRole("button", { name: "Join the album" }).click();
      await assertShown(bens.getByRole("button", { name: "Upload" }));
      await assertShown(bens.getByText("Ada is here"));
      await assertShown(adas.getByText("Ben is here"));
    }, 60_000);

    it("talk about a photo, live", async () => {
      await adas.getByRole("link", { name: /^valley/ }).click();
      await bens.getByRole("link", { name: /^valley/ }).click();
      await bens.getByLabel("Write a comment").fill("What a <b>light</b>!");
      await bens.keyboard.press("Enter");
      await assertShown(adas.getByRole("log").getByText("What a <b>light</b>!"));
      await adas.getByLabel("Write a comment").fill("Just before the storm.");
      await adas.getByRole("button", { name: "Send" }).click();
      await assertShown(bens.getByRole("log").getByText("Just before the storm."));
      await adas.getByRole("button", { name: "Delete your comment" }).click();
      await assertGone(bens.getByRole("log").getByText("Just before the storm."));
      for (const tab of [adas, bens]) {
        await tab.getByRole("button", { name: "Close" }).click();
        await assertShown(tab.getByRole("link", { name: /^valley 1 comment$/ }));
      }
    }, 60_000);

    (hasFfmpeg() ? it : it.skip)(
      `upload a video that becomes a poster and a clip that plays${because(hasFfmpeg() ? undefined : "ffmpeg is not installed")}`,
      async () => {
        // what went before was somebody's doing
        await moves(adas);
        const chooser = bens.waitForEvent("filechooser");
        await bens.getByRole("button", { name: "Upload" }).click();
        await (await chooser).setFiles(await clip(app.folder));
        const tile = adas.getByRole("link", { name: /^waves Video/ });
        await tile.waitFor({ timeout: 90_000 });
        await seesPictures(adas, 4);
        // what somebody else adds moves nothing
        await assertStill(adas);
        await tile.click();
        await assertShown(adas.locator("video"));
        await assertPlays(adas);
        await adas.keyboard.press("Escape");
      },
      120_000,
    );

    it("delete a photo, and bring it back", async () => {
      await adas.getByRole("link", { name: /^ridge/ }).click();
      await adas.getByRole("button", { name: "Delete", exact: true }).click();
      const theirs = bens.getByRole("link", { name: /^ridge/ });
      await assertGone(theirs);
      await adas.getByRole("button", { name: "Undo" }).click();
      await assertShown(adas.getByRole("link", { name: /^ridge/ }));
      await assertShown(theirs);
    }, 60_000);

    it("delete the album, and bring it back", async () => {
      await adas.getByRole("button", { name: "Delete the album" }).click();
      await assertShown(bens.getByText("This album is not here any more"));
      await adas.getByRole("button", { name: "Undo" }).click();
      await assertShown(adas.getByRole("heading", { level: 1, name: "Summer by the lake" }));
    }, 60_000);

    it("find a photo by its title", async () => {
      await adas.getByRole("link", { name: /^large/ }).click();
      await adas.getByRole("button", { name: "Rename", exact: true }).click();
      await adas.getByLabel("Title").fill("Fog over Hallstatt");
      await adas.getByRole("button", { name: "Save" }).click();
      await assertShown(adas.getByRole("heading", { name: "Fog over Hallstatt" }));
      await adas.keyboard.press("Escape");
      await adas.getByRole("link", { name: "Search" }).click();
      await adas.getByRole("searchbox").fill("hallst");
      await adas.getByRole("link", { name: "Fog over Hallstatt" }).click();
      await assertShown(adas.getByRole("dialog", { name: "Fog over Hallstatt" }));
      await adas.keyboard.press("Escape");
    }, 60_000);

    it("let a visitor without an account look, until the link is revoked", async () => {
      const visitor = await tabs.open(link);
      const photos = await visitor.locator(".gallery img.loaded").count();
      await until(async () => (await visitor.locator(".gallery img.loaded").count()) >= 3);
      expect(photos).toBeLessThanOrEqual(4);
      expect(await visitor.getByRole("button", { name: "Upload" }).count()).toBe(0);
      await visitor.getByRole("link", { name: /^valley/ }).click();
      await assertShown(visitor.locator(".viewer img.loaded"));
      expect(await visitor.getByLabel("Write a comment").count()).toBe(0);
      await visitor.keyboard.press("Escape");

      await adas.getByRole("button", { name: "Share" }).click();
      await adas.getByRole("button", { name: "Revoke" }).click();
      await assertGone(adas.getByRole("button", { name: "Revoke" }));
      await adas.keyboard.press("Escape");
      await visitor.reload();
      await assertShown(visitor.getByText("This link leads nowhere"));
    }, 60_000);

    it("turn the second factor on, and log in with it; end the other session", async () => {
      await adas.getByRole("button", { name: "Account of Ada" }).click();
      await adas.getByRole("link", { name: "Settings" }).click();
      await adas.getByRole("button", { name: "Turn on" }).click();
      await assertShown(adas.getByRole("img", { name: "QR code for the authenticator app" }));
      const secret = (await adas.locator(".two-factor-key").textContent())!.replaceAll(" ", "");
      await adas.getByRole("textbox", { name: "Code" }).fill(codeOf(secret, 0));
      await adas.getByRole("button", { name: "Confirm" }).click();
      const recovery = adas.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
      await assertShown(recovery.first());
      expect(await recovery.count()).toBeGreaterThanOrEqual(8);

      const phone = await tabs.open("/log-in", { viewport: { width: 390, height: 844 } });
      await logIn(phone, ada);
      await assertShown(phone.getByText("One more step"));
      // the one before was taken: a code works once
      await phone.getByRole("textbox", { name: "Code" }).fill(codeOf(secret, 1));
      await phone.getByRole("button", { name: "Continue" }).click();
      await assertShown(phone.getByRole("link", { name: /Summer by the lake/ }));

      await adas.reload();
      await adas.getByRole("button", { name: /^End / }).click();
      await assertGone(adas.getByRole("button", { name: /^End / }));
      await phone.reload();
      await assertShown(phone.getByRole("heading", { name: "Welcome back" }));

      await adas.getByRole("button", { name: "Account of Ada" }).click();
      await adas.getByRole("button", { name: "Log out" }).click();
      await assertShown(adas.getByRole("heading", { name: "Welcome back" }));
    }, 60_000);

    it("with no error in any console", () => {
      expect(tabs.complaints).toEqual([]);
    });
  });
}

/** The clip runs to its end, about two seconds on. */
async function assertPlays(tab: Page): Promise<void> {
  const seconds = await tab.locator("video").evaluate(async (video: HTMLVideoElement) => {
    video.muted = true;
    await video.play();
    await new Promise((resolve) => video.addEventListener("ended", resolve, { once: true }));
    return video.currentTime;
  });
  expect(seconds).toBeGreaterThan(1.5);
}

/** What an authenticator app shows now, or some steps later. */
function codeOf(secret: string, stepsLater: number): string {
  const now = (): number => Date.now() + stepsLater * 30_000;
  const clock = { now, monotonic: now, setTimeout: () => () => {} };
  return new Totp({ issuer: "the test" }, { clock }).code(secret);
}
