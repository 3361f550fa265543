import { mkdirSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "@jest/globals";

import { answerOf, cleanUp, createServerManager, folder } from "./fixture.js";

afterEach(cleanUp);

function file(size: number): Blob {
  return new Blob(["x".repeat(size)]);
}

describe("files and forms", () => {
  it("static files are served with the headers of every answer, and nothing beside them", async () => {
    const root = folder();
    mkdirSync(join(root, "public"));
    writeFileSync(join(root, "public", "a.txt"), "hello");
    writeFileSync(join(root, "public", ".secret"), "no");
    writeFileSync(join(root, "outside.txt"), "no");
    const server = createServerManager();
    server.static("/files/", join(root, "public"), { maxAge: "1h", immutable: true });
    server.static("/more/", join(root, "public"));
    await server.start();

    const answer = await fetch(`${server.url}/files/a.txt`);
    expect(await answer.text()).toBe("hello");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "cache-control": "public, max-age=3600, immutable",
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.any(String),
    });
    const etag = answer.headers.get("etag")!;
    // fetch() would say no-cache with it
    const conditional = { headers: { "if-none-match": etag } };
    const again = await answerOf(httpRequest(`${server.url}/more/a.txt`, conditional));
    expect(again.status).toBe(304);
    for (const path of [
      "/files/.secret",
      "/files/%2e%2e/outside.txt",
      "/files/..%2foutside.txt",
      "/files/none",
    ]) {
      const missing = await fetch(`${server.url}${path}`);
      expect([403, 404]).toContain(missing.status);
      const text = await missing.text();
      expect(text).not.toContain(root);
      expect(missing.headers.get("content-type")).toContain("problem+json");
    }
  });

  it("static files of an application in one page: its addresses are the page, what is missing is not", async () => {
    const root = folder();
    mkdirSync(join(root, "public", "deep"), { recursive: true });
    writeFileSync(join(root, "public", "index.html"), "the page");
    writeFileSync(join(root, "public", "deep", "LICENCE"), "a file");
    writeFileSync(join(root, "outside"), "no");
    const server = createServerManager();
    server.get("/api/known", () => ({ known: true }));
    server.static("/", join(root, "public"), {
      fallback: { file: "index.html", except: ["/api/"] },
    });
    await server.start();
    const get = async (path: string): Promise<[number, string]> => {
      const answer = await fetch(server.url + path);
      return [answer.status, await answer.text()];
    };

    for (const path of ["/", "/albums/7?tab=all", "/deep", "/..%2foutside", "/index.html"]) {
      expect(await get(path)).toEqual([200, "the page"]);
    }
    // an address that is no URL
    expect((await answerOf(httpRequest(server.url!, { path: "//?a" }))).status).toBe(200);
    expect(await get("/deep/LICENCE")).toEqual([200, "a file"]);
    expect(await get("/api/known")).toEqual([200, '{"known":true}']);
    for (const path of ["/api/unknown", "/assets/old.js"]) {
      const [status, text] = await get(path);
      expect([status, JSON.parse(text)]).toMatchObject([404, { status: 404 }]);
    }
    const posted = await fetch(`${server.url}/albums`, { method: "POST" });
    expect(posted.status).toBe(404);
  });

  it("forms are read within bounds: 413 for what goes over, and no prototype is touched", async () => {
    const server = createServerManager({
      multipart: { fileSize: 1000, files: 2, fieldSize: 100, fields: 2, total: "10kb" },
    });
    server.post("/", async (request) => {
      const got: Record<string, string> = {};
      for await (const part of request.parts()) {
        got[part.fieldname] =
          part.type === "file" ? String((await part.toBuffer()).length) : String(part.value);
      }
      return got;
    });
    await server.start();
    const post = async (fields: readonly (readonly [string, string | Blob])[]) => {
      const form = new FormData();
      for (const [name, value] of fields) form.append(name, value);
      const response = await fetch(server.url!, { method: "POST", body: form });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };

    expect(
      await post([
        ["title", "x"],
        ["a", file(1000)],
      ]),
    ).toEqual({
      status: 200,
      body: { title: "x", a: "1000" },
    });
    expect((await post([["a", file(1001)]])).status).toBe(413);
    expect(
      (
        await post([
          ["a", file(1)],
          ["b", file(1)],
          ["c", file(1)],
        ])
      ).status,
    ).toBe(413);
    expect(
      (
        await post([
          ["a", "1"],
          ["b", "2"],
          ["c", "3"],
        ])
      ).status,
    ).toBe(413);
    const large = await post([["a", file(20_000)]]);
    expect(large).toMatchObject({ status: 413, body: { code: "ERR_MIDDLEWARE_BODY_TOO_LARGE" } });
    for (const name of ["__proto__", "constructor", "prototype"]) {
      expect((await post([[name, "polluted"]])).status).toBeLessThan(500);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.prototype.toString.call({})).toBe("[object Object]");
  });
});
