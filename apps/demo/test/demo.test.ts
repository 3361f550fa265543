import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { ServerManager } from "@infra/server";
import { testDatabases } from "@infra/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";

import { createDemo, type Demo } from "../src/demo.js";

const folder = mkdtempSync(join(tmpdir(), "infra-demo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Note {
  readonly id: string;
  readonly title: string;
}

for (const engine of await testDatabases(process.env)) {
  const run = engine.missing === undefined ? describe : describe.skip;
  run(`the notes service on ${engine.title}`, () => {
    let databaseUrl: string;
    let demo: Demo | undefined;
    let url = "";

    async function start(): Promise<void> {
      demo = createDemo({
        config: {
          cwd: folder,
          env: { NODE_ENV: "test", PORT: "0", DATABASE_URL: databaseUrl, LOG_LEVEL: "fatal" },
          argv: [],
        },
        lifecycle: { exit: false, print: () => {} },
      });
      await demo.lifecycle.startup();
      url = demo.container.get(ServerManager).url!;
    }
    const stop = async (): Promise<void> => {
      await demo?.lifecycle.shutdown("the test is over");
      demo = undefined;
    };
    const create = async (body: unknown): Promise<Response> =>
      fetch(`${url}/notes`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const json = async <T>(path: string): Promise<T> =>
      (await (await fetch(url + path)).json()) as T;

    beforeAll(async () => {
      databaseUrl =
        engine.name === "embedded" ? `pglite:${join(folder, "db")}` : await engine.url();
      await start();
    }, 60_000);
    afterEach(async () => {
      for (const { id } of (await json<{ items: Note[] }>("/notes?limit=100")).items) {
        await fetch(`${url}/notes/${id}`, { method: "DELETE" });
      }
    });
    afterAll(async () => {
      await stop();
      await engine.close();
    }, 60_000);

    it("creates, gets and deletes a note", async () => {
      const created = await create({ title: "Milk", body: "two bottles" });
      const note = (await created.json()) as Note;
      expect(created.status).toBe(201);
      expect(created.headers.get("location")).toBe(`/notes/${note.id}`);
      expect(note).toEqual({
        id: expect.any(String),
        title: "Milk",
        body: "two bottles",
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      });
      expect(await json(`/notes/${note.id}`)).toEqual(note);
      const path = `${url}/notes/${note.id}`;
      expect((await fetch(path, { method: "DELETE" })).status).toBe(204);
      expect((await fetch(path, { method: "DELETE" })).status).toBe(404);
      expect((await fetch(path)).status).toBe(404);
    });

    it("lists newest first, page by page, each note once", async () => {
      for (let number = 1; number <= 5; number++) await create({ title: `note ${number}` });
      const titles: string[] = [];
      for (let next: string | undefined = ""; next !== undefined;) {
        const after: string = next === "" ? "" : `&after=${next}`;
        const page = await json<{ items: Note[]; next?: string }>(`/notes?limit=2${after}`);
        expect(page.items.length).toBeLessThanOrEqual(2);
        titles.push(...page.items.map(({ title }) => title));
        next = page.next;
      }
      expect(titles).toEqual(["note 5", "note 4", "note 3", "note 2", "note 1"]);
    });

    it.each([
      ["without a title", "/body/title", {}],
      ["with an empty title", "/body/title", { title: "" }],
      ["with a title that is too long", "/body/title", { title: "x".repeat(201) }],
      ["with a property that means nothing", "/body/colour", { title: "x", colour: "red" }],
    ])("refuses a note %s, with a pointer to the mistake", async (_what, pointer, body) => {
      const response = await create(body);
      expect(response.status).toBe(400);
      expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      expect(await response.json()).toMatchObject({
        status: 400,
        errors: [{ pointer: expect.stringContaining(pointer) }],
      });
    });

    it.each(["/notes?limit=0", "/notes?limit=many", "/notes?after=nonsense", "/notes/not-a-uuid"])(
      "refuses %s",
      async (path) => {
        const response = await fetch(url + path);
        expect([response.status, response.headers.get("content-type")]).toEqual([
          400,
          expect.stringMatching(/^application\/problem\+json/),
        ]);
      },
    );

    it("answers every request with its id, and problems with the same", async () => {
      const response = await fetch(`${url}/nowhere`, { headers: { "x-request-id": "mine-1" } });
      expect(response.status).toBe(404);
      expect(response.headers.get("x-request-id")).toBe("mine-1");
      expect(await response.json()).toMatchObject({ status: 404, instance: "mine-1" });
    });

    it("says that it is alive and ready", async () => {
      expect(await json("/health/live")).toMatchObject({ status: "up" });
      expect(await json("/health/ready")).toMatchObject({
        status: "up",
        checks: { database: { status: "up" } },
      });
    });

    it("describes its routes as OpenAPI at /docs", async () => {
      const document = await json<{ openapi: string; paths: Record<string, object> }>("/docs/json");
      expect(document.openapi).toMatch(/^3\./);
      expect(Object.keys(document.paths)).toEqual(["/notes", "/notes/{id}"]);
      expect((await fetch(`${url}/docs/`)).status).toBe(200);
    });

    it("keeps its data over a restart", async () => {
      const note = (await (await create({ title: "still here" })).json()) as Note;
      await stop();
      await start();
      expect(await json(`/notes/${note.id}`)).toEqual(note);
    }, 60_000);

    if (engine.name === "embedded") {
      it("refuses a second app on one data folder, naming the process that has it", async () => {
        const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
        const second = spawn(process.execPath, [...sourceFlags, main], {
          cwd: folder,
          env: { PATH: process.env["PATH"], PORT: "0", DATABASE_URL: databaseUrl },
        });
        let output = "";
        for (const stream of [second.stdout, second.stderr]) {
          stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
        }
        const [code] = (await once(second, "close")) as [number];
        expect([code, output]).toEqual([
          1,
          expect.stringContaining(`in use by process ${process.pid}`),
        ]);
      }, 60_000);
    }
  });
}
