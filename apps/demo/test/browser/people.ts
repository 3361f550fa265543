import { expect } from "@jest/globals";
import type { Page } from "playwright-core";

/** What somebody needs to come back. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export const person = (name: string): Person => ({
  name,
  email: `${name.toLowerCase()}@example.org`,
  password: `quartz mole fjord ${name}`,
});

/** Fills the form of the page `/sign-up` in, and waits for the albums. */
export async function signUp(tab: Page, { name, email, password }: Person): Promise<void> {
  await tab.getByRole("link", { name: "Create an account" }).click();
  await tab.getByLabel("Name").fill(name);
  await tab.getByLabel("E-mail").fill(email);
  await tab.getByLabel("Password").fill(password);
  await tab.getByRole("button", { name: "Create account" }).click();
  await tab.getByRole("button", { name: `Account of ${name}` }).waitFor();
}

/** Fills the form of the page `/log-in` in. */
export async function logIn(tab: Page, { email, password }: Person): Promise<void> {
  await tab.getByLabel("E-mail").fill(email);
  await tab.getByLabel("Password").fill(password);
  await tab.getByRole("button", { name: "Log in" }).click();
}

/** Makes an album, and waits for its page. */
export async function makeAlbum(tab: Page, title: string): Promise<void> {
  await tab.getByRole("button", { name: "New album" }).click();
  await tab.getByLabel("Title").fill(title);
  await tab.getByRole("button", { name: "Create album" }).click();
  await tab.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** Drops files on the page, as a mouse would. */
export async function drop(
  tab: Page,
  files: readonly { readonly name: string; readonly bytes: Buffer; readonly type: string }[],
): Promise<void> {
  const sent = files.map(({ name, bytes, type }) => ({
    name,
    type,
    base64: bytes.toString("base64"),
  }));
  const transfer = await tab.evaluateHandle((list) => {
    const data = new DataTransfer();
    for (const { name, type, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], name, { type, lastModified: 1 }));
    }
    return data;
  }, sent);
  await tab.dispatchEvent("main", "dragover", { dataTransfer: transfer });
  await tab.getByText("Drop to upload").waitFor();
  await tab.dispatchEvent("main", "drop", { dataTransfer: transfer });
}

/** Waits until so many pictures of the gallery are ready and painted. */
export async function seesPictures(tab: Page, count: number): Promise<void> {
  const painted = tab.locator(".gallery img.loaded");
  await painted.nth(count - 1).waitFor({ timeout: 60_000 });
  expect(await painted.count()).toBe(count);
  const widths = await painted.evaluateAll((images) =>
    images.map((image) => (image as HTMLImageElement).naturalWidth),
  );
  expect(Math.min(...widths)).toBeGreaterThan(0);
}
