// The app's own load: its gallery, its page and its uploads against the same on plain Fastify, knex and sharp (`plain.mjs`), each in
// a process of its own on one PostgreSQL, taking turns. Prints the table that stands in the README.
//   npx pnpm --filter=@infra/demo load [--rounds 5] [--seconds 4]
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { startPostgres } from "@infra/testing";
import sharp from "sharp";

import { measure } from "./load-client.mjs";
import { startAlbum, startPlain } from "./rivals.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const atOnce = 16;
const uploadsAtOnce = 4;
const photosInAlbum = 200;
const photosEach = 6;

const folder = mkdtempSync(join(tmpdir(), "album-load-"));
const postgres = await startPostgres();
const started = [];
try {
  for (const role of ["all", "web"]) {
    for (const start of [startAlbum, startPlain]) started.push(await start(postgres, folder, role));
  }
  const [ours, plain, ...webs] = started;
  await report([ours, plain], webs);
} finally {
  for (const rival of started) await rival.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function report(rivals, webs) {
  const atRest = rivals.map((rival) => `${rival.memoryMb()} MB`);
  const content = await picture();
  for (const rival of rivals) await fillAlbum(rival, content);
  const rows = [
    row("gallery, 60 photos", await compare(rivals, gallery, atOnce)),
    row("the page", await compare(rivals, ({ client }) => client.text("/"), atOnce)),
    row("upload of 1.2 MB", await compare(webs, (rival) => upload(rival, content), uploadsAtOnce)),
    [
      "photos of 12 megapixels uploaded and made ready, per second",
      ...(await readyPerSecond(rivals, content)),
    ],
    [
      "from start to ready, tables to be made",
      ...rivals.map(({ readyMs }) => `${Math.round(readyMs)} ms`),
    ],
    ["memory at rest, before any load", ...atRest],
    ["memory at rest, after it", ...(await restOf(rivals))],
    [
      "from upload to thumbnail, live: median, worst of 10",
      await timesToThumbnail(rivals[0], content),
      "",
    ],
  ];
  line("", "the app", "plain Fastify, knex, sharp");
  line("---", "---", "---");
  for (const cells of rows) line(...cells);
}

function row(name, seen) {
  return [`${name}: per second, p99, processor time each`, ...seen.map(shown)];
}

function line(...cells) {
  console.log(`| ${cells.join(" | ")} |`);
}

/** The median of the rounds; every other round the second is first, and the first round is the compiler's. */
async function compare(rivals, work, concurrent) {
  const seen = rivals.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const before = rivals[at].cpuMs();
      const result = await measure(() => work(rivals[at]), { atOnce: concurrent, seconds });
      const cpuMs = (rivals[at].cpuMs() - before) / result.count;
      if (round > 0) seen[at].push({ ...result, cpuMs });
    }
  }
  return seen.map((results) =>
    ["perSecond", "p99Ms", "cpuMs"].map((name) => middle(results, name)),
  );
}

function middle(results, name) {
  return results.map((each) => each[name]).toSorted((a, b) => a - b)[
    Math.floor(results.length / 2)
  ];
}

async function readyPerSecond(rivals, content) {
  const cells = [];
  for (const rival of rivals) {
    const from = performance.now();
    const one = async () => {
      for (let at = 0; at < photosEach; at += 1) await upload(rival, content);
    };
    await Promise.all(Array.from({ length: uploadsAtOnce }, one));
    await rival.idle();
    cells.push(number((1000 * photosEach * uploadsAtOnce) / (performance.now() - from)));
  }
  return cells;
}

async function restOf(rivals) {
  const cells = [];
  for (const rival of rivals) cells.push(`${await rival.restMb()} MB`);
  return cells;
}

/** As a phone makes them: 12 million pixels. */
function picture() {
  const noise = { type: "gaussian", mean: 128, sigma: 12 };
  return sharp({ create: { width: 1000, height: 750, channels: 3, background: "#777", noise } })
    .resize(4000, 3000)
    .jpeg({ quality: 70 })
    .toBuffer();
}

async function gallery({ client, albumId }) {
  const { items } = await client.json("GET", `/api/albums/${albumId}/photos?limit=60`);
  if (items.length !== 60) throw new Error(`a page of ${items.length} photos`);
}

async function upload({ client, albumId }, content) {
  const size = content.length;
  const about = { albumId, name: "beach.jpg", size, type: "image/jpeg" };
  const { id, partSize } = await client.json("POST", "/api/uploads", about);
  for (let part = 0; part * partSize < size; part += 1) {
    const bytes = content.subarray(part * partSize, (part + 1) * partSize);
    await client.json("PUT", `/api/uploads/${id}/parts/${part}`, bytes);
  }
  return client.json("POST", `/api/uploads/${id}/complete`);
}

/** One photo as it is made, and copies of its row. */
async function fillAlbum(rival, content) {
  const { id } = await upload(rival, content);
  await rival.idle();
  await rival.copyPhoto(id, Array.from({ length: photosInAlbum - 1 }, randomUUID));
}

/** From the answer to the completion on, until the event that brings the thumbnails. */
async function timesToThumbnail(album, content) {
  const times = [];
  for (let at = 0; at < 10; at += 1) {
    const photo = await upload(album, content);
    const from = performance.now();
    await album.ready(photo.id);
    times.push(performance.now() - from);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return `${Math.round(sorted[5])} ms, ${Math.round(sorted[9])} ms`;
}

function shown([perSecond, p99Ms, cpuMs]) {
  return `${number(perSecond)}, ${number(p99Ms)} ms, ${number(cpuMs)} ms`;
}

function number(value) {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : String(Math.round(value));
}
