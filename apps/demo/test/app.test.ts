import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { Album } from "../src/contract.js";
import { AlbumApp } from "./support/album-app.js";

const app = new AlbumApp();
beforeAll(() => app.start(), 60_000);
afterAll(() => app.close(), 60_000);

describe("the app", () => {
  it("serves the page for each of its addresses, and nothing from elsewhere in it", async () => {
    for (const path of ["/", "/albums/7", "/shared/shr_x"]) {
      const answer = await fetch(app.url + path);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([
        200,
        "text/html; charset=utf-8",
      ]);
      expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'self'; /);
      const html = await answer.text();
      const [, script] = /<script[^>]+src="(\/assets\/[^"]+)"/.exec(html)!;
      const asset = await fetch(app.url + script);
      expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      await asset.arrayBuffer();
    }
  });

  it("answers what there is not below /api with a problem that has the request's id", async () => {
    const answer = await fetch(`${app.url}/api/nowhere`, { headers: { "x-request-id": "mine-1" } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await answer.json()).toMatchObject({ status: 404, instance: "mine-1" });
  });

  it("says that it is alive and ready, and describes its routes", async () => {
    const { body: ready } = await app.visitor().get<object>("/health/ready");
    expect(ready).toMatchObject({
      status: "up",
      checks: { database: { status: "up" }, jobs: { status: "up" }, storage: { status: "up" } },
    });
    expect((await app.visitor().get("/health/live")).status).toBe(200);
    const { body } = await app.visitor().get<{ paths: object }>("/docs/json");
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(["/api/me", "/api/albums/{id}/photos", "/api/uploads/{id}/complete"]),
    );
  });

  it("keeps its data, and who is logged in, over a restart", async () => {
    const ada = await app.person("Ada");
    const album = await ada.album("Still here");
    await app.stop();
    await app.start();
    expect((await ada.get<Album[]>("/api/albums")).body).toEqual([album]);
    expect((await ada.patch(`/api/albums/${album.id}`, { title: "And there" })).status).toBe(200);
  }, 60_000);
});
