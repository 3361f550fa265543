import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PubSubClient } from "@infra/pubsub/client";
import { until } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";

import type { Metrics } from "../src/admin/contract.js";
import { albumTopic, type Album, type AlbumEvent, type Page, type Photo } from "../src/contract.js";
import { startAlbumProcess, type AlbumProcess } from "./support/album-process.js";
import { startBalancer, type Balancer } from "./support/balancer.js";
import { engines } from "./support/engines.js";
import { Visitor, type Answer } from "./support/visitor.js";

const [, servers] = await engines();
const run = servers!.missing === undefined ? describe : describe.skip;

/** What was answered. @throws what is no success. */
function ok<T>({ status, body }: Answer<T>): T {
  if (status < 300) return body;
  throw new Error(`${status} ${JSON.stringify(body)}`);
}

run(`two web processes and two workers ${servers!.title}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "infra-album-"));
  let webs: AlbumProcess[] = [];
  let workers: AlbumProcess[] = [];
  let balancer: Balancer;
  /** Logged in once, through whichever came first. */
  let ada: Visitor;
  let album: Album;
  let picture: Buffer;

  const upload = async (to: Visitor): Promise<Photo> =>
    ok(await to.upload(album.id, "beach.jpg", picture));
  const photosAt = async (at: Visitor): Promise<readonly Photo[]> =>
    ok(await at.get<Page<Photo>>(`/api/albums/${album.id}/photos?limit=200`)).items;

  beforeAll(async () => {
    const noise = { type: "gaussian", mean: 128, sigma: 30 } as const;
    const background = { width: 900, height: 600, channels: 3, background: "red", noise } as const;
    picture = await sharp({ create: background }).jpeg().toBuffer();
    const env = {
      NODE_ENV: "test",
      LOG_LEVEL: "warn",
      ENCRYPTION_KEY: "a key for tests",
      ADMIN_EMAIL: "ada@example.org",
      PRE_STOP_DELAY: "1s",
      UPLOAD_PART_SIZE: "64kb",
      REQUESTS_PER_MINUTE: "1000000",
      ...(await servers!.env()),
    };
    const start = (role: "web" | "worker") => startAlbumProcess(role, env, folder);
    // all at once: who comes first migrates, the others wait
    [webs, workers] = await Promise.all([
      Promise.all([start("web"), start("web")]),
      Promise.all([start("worker"), start("worker")]),
    ]);
    balancer = await startBalancer(webs.map(({ url }) => url));
    ada = new Visitor(() => balancer.url);
    const account = { email: "ada@example.org", password: "mole quartz fjord 7", name: "Ada" };
    ok(await ada.post("/api/accounts", account));
    album = await ada.album("Summer");
  }, 180_000);

  afterAll(async () => {
    balancer?.close();
    for (const { child } of [...webs, ...workers]) child.kill("SIGKILL");
    await servers!.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it("know each other's sessions, and what was made by the other", async () => {
    for (const { url } of webs) {
      expect((await ada.at(url).me()).account).toMatchObject({ name: "Ada", admin: true });
      expect(ok(await ada.at(url).get("/api/albums"))).toMatchObject([{ id: album.id }]);
    }
  });

  it("show a thumbnail live through the one of what was uploaded through the other", async () => {
    const [one, other] = webs.map(({ url }) => url) as [string, string];
    const headers = { cookie: ada.cookie, origin: other };
    await using client = new PubSubClient({ url: other, socketOptions: { extraHeaders: headers } });
    const heard: Photo[] = [];
    await client.subscribe<AlbumEvent>(albumTopic(album.id), (event) => {
      if (event.kind === "photo") heard.push(event.photo);
    });
    const { id, status } = await upload(ada.at(one));
    expect(status).toBe("processing");
    const isReady = (photo: Photo) => photo.id === id && photo.status === "ready";
    const ready = await until(() => heard.find(isReady), { timeoutMs: 60_000 });
    for (const url of [one, other]) {
      const answer = await ada.at(url).get(ready.sizes[0]!.url);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/webp"]);
    }
  }, 90_000);

  it("stop without failing a request, while the others go on", async () => {
    let answered = 0;
    const over = new AbortController();
    const failures: unknown[] = [];
    const again = async (work: () => Promise<unknown>): Promise<void> => {
      while (!over.signal.aborted) {
        await work().then(
          () => (answered += 1),
          (error: unknown) => failures.push(error),
        );
      }
    };
    const load = Array.from({ length: 6 }, () => again(() => photosAt(ada)));
    load.push(again(() => upload(ada)));
    await until(() => answered > 20, { timeoutMs: 30_000 });
    expect(await webs[0]!.stop()).toBe(0);
    const before = answered;
    await until(() => answered > before + 20, { timeoutMs: 30_000 });
    over.abort();
    await Promise.all(load);
    expect(failures).toEqual([]);
    for (const { url } of webs) expect(balancer.sent.get(url)).toBeGreaterThan(10);
  }, 120_000);

  it("finish what was uploaded though a worker dies at its work", async () => {
    const at = ada.at(webs[1]!.url);
    const uploads = [1, 2, 3, 4].map(() => upload(at));
    await Promise.race(uploads);
    workers[0]!.child.kill("SIGKILL");
    await Promise.all(uploads);
    const waiting = async () => (await photosAt(at)).filter(({ status }) => status !== "ready");
    await until(async () => (await waiting()).length === 0, { timeoutMs: 90_000 });
    expect((await photosAt(at)).length).toBeGreaterThan(uploads.length);
  }, 120_000);

  it("tell operators what each of them does", async () => {
    const answer = await ada.at(webs[1]!.url).get<Metrics>("/api/admin/metrics");
    const { processes, storage } = ok(answer);
    const names = [
      ...webs.map(({ child }) => `web ${child.pid}`),
      ...workers.map(({ child }) => `worker ${child.pid}`),
    ];
    expect(processes.map(({ process: { name } }) => name)).toEqual(expect.arrayContaining(names));
    const { points } = processes.find(({ process: { name } }) => name === names[1])!;
    expect(points.some(({ requests }) => requests > 0)).toBe(true);
    expect(points.at(-1)!.rssBytes).toBeGreaterThan(0);
    expect(storage.find(({ prefix }) => prefix === "photos")?.files).toBeGreaterThan(2);
  });
});
