// The gallery and the upload of the album once more, on plain Fastify, knex and sharp: what `load.mjs` holds the app against.
// Sessions, membership and pages are asked of PostgreSQL, files lie on disk, pictures are made in this process after the answer.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import fastifyCookie from "@fastify/cookie";
import fastifyStatic from "@fastify/static";
import { fastify } from "fastify";
import knex from "knex";
import sharp from "sharp";

import "./collect.mjs";

const { DATABASE_URL, FILES, WEB, PORT = "0", ROLE = "all" } = process.env;
const widths = [320, 640, 1280, 2048];
const partSize = 2_000_000;

const db = knex({ client: "pg", connection: DATABASE_URL, pool: { min: 2, max: 10 } });
await db.raw(`
  create table if not exists accounts (id uuid primary key, name text not null);
  create table if not exists sessions (token_hash text primary key, account_id uuid not null references accounts);
  create table if not exists albums (id uuid primary key, title text not null);
  create table if not exists members (
    album_id uuid not null references albums, account_id uuid not null, primary key (account_id, album_id));
  create table if not exists uploads (id uuid primary key, album_id uuid not null, by_id uuid not null, name text not null, bytes bigint not null);
  create table if not exists photos (
    id uuid primary key, album_id uuid not null references albums, by_id uuid not null, title text not null,
    status text not null default 'processing', width integer not null, height integer not null,
    colour text not null default '#808080', placeholder text not null default '', sizes jsonb not null default '[]',
    created_at timestamptz not null default now(), deleted_at timestamptz);
  create index if not exists photos_album on photos (album_id, created_at, id) where deleted_at is null;
  create table if not exists jobs (id bigint primary key generated always as identity, photo_id uuid not null);
  create table if not exists comments (id uuid primary key, photo_id uuid not null references photos, text text not null);
  create index if not exists comments_photo on comments (photo_id);
`);

const app = fastify({ bodyLimit: partSize });
await app.register(fastifyCookie);
await app.register(fastifyStatic, { root: WEB });
app.addContentTypeParser("application/octet-stream", (_request, body, done) => done(null, body));

const hash = (token) => createHash("sha256").update(token).digest("base64url");
const hidden = (status, message) => Object.assign(new Error(message), { statusCode: status });

async function accountOf(request) {
  const token = request.cookies.session;
  const session =
    token &&
    (await db("sessions")
      .where({ token_hash: hash(token) })
      .first("account_id"));
  if (!session) throw hidden(401, "log in first");
  return session.account_id;
}

async function checkMember(accountId, albumId) {
  const member = await db("members").where({ account_id: accountId, album_id: albumId }).first();
  if (!member) throw hidden(404, "there is no such album");
}

function toPhoto({ id, album_id, title, status, width, height, colour, placeholder, ...row }) {
  return {
    id,
    albumId: album_id,
    kind: "image",
    title,
    status,
    width,
    height,
    colour,
    placeholder,
    sizes: row.sizes.map((size) => ({ url: `/media/${id}/${size.width}`, ...size })),
    originalUrl: `/media/${id}/original`,
    comments: row.comments,
    createdAt: row.created_at.toISOString(),
    by: { id: row.by_id, name: row.by_name },
  };
}

/** Photos with the names of who made them and their comments counted. */
const photosWhere = (condition, values) =>
  db
    .raw(
      `select p.*, a.name as by_name, (select count(*)::int from comments where photo_id = p.id) as comments
       from photos p join accounts a on a.id = p.by_id where p.deleted_at is null and ${condition}`,
      values,
    )
    .then(({ rows }) => rows.map(toPhoto));

app.get("/api/albums/:id/photos", async (request) => {
  const { id } = request.params;
  const limit = Math.min(Number(request.query.limit ?? 60), 200);
  await checkMember(await accountOf(request), id);
  const items = await photosWhere("p.album_id = ? order by p.created_at, p.id limit ?", [
    id,
    limit + 1,
  ]);
  const next = items.length > limit ? items[limit - 1].id : undefined;
  return { items: items.slice(0, limit), nextCursor: next };
});

app.post("/api/uploads", async (request, reply) => {
  const { albumId, name, size } = request.body;
  const accountId = await accountOf(request);
  await checkMember(accountId, albumId);
  const id = randomUUID();
  await db("uploads").insert({ id, album_id: albumId, by_id: accountId, name, bytes: size });
  await mkdir(join(FILES, "uploads", id), { recursive: true });
  return reply.code(201).send({ id, albumId, name, size, partSize, received: [] });
});

async function uploadOf(request) {
  const accountId = await accountOf(request);
  const upload = await db("uploads").where({ id: request.params.id, by_id: accountId }).first();
  if (!upload) throw hidden(404, "there is no such upload");
  return upload;
}

app.put("/api/uploads/:id/parts/:part", async (request, reply) => {
  const { id } = await uploadOf(request);
  const name = String(Number(request.params.part)).padStart(6, "0");
  await pipeline(
    request.body,
    createWriteStream(join(FILES, "uploads", id, name), { flush: true }),
  );
  return reply.code(204).send();
});

app.post("/api/uploads/:id/complete", async (request) => {
  const { id, album_id, by_id, name } = await uploadOf(request);
  await checkMember(by_id, album_id);
  const folder = join(FILES, "photos", id);
  await mkdir(folder, { recursive: true });
  const original = join(folder, "original");
  const parts = join(FILES, "uploads", id);
  const out = createWriteStream(original, { flush: true });
  for (const part of (await readdir(parts)).toSorted()) {
    await pipeline(createReadStream(join(parts, part)), out, { end: false });
  }
  await new Promise((resolve, reject) => out.end((error) => (error ? reject(error) : resolve())));
  const { autoOrient } = await sharp(original).metadata();
  const title = name.replace(/\.\w+$/, "");
  await db("photos").insert({ id, album_id, by_id, title, ...autoOrient });
  await db("uploads").where({ id }).delete();
  await rm(parts, { recursive: true });
  // as a web process does that leaves the work to others
  if (ROLE === "web") await db("jobs").insert({ photo_id: id });
  else enqueue(() => processPhoto(id, folder));
  return (await photosWhere("p.id = ?", [id]))[0];
});

let queue = Promise.resolve();
function enqueue(work) {
  queue = queue.then(work).catch((error) => console.error(error));
}

async function processPhoto(id, folder) {
  const original = join(folder, "original");
  const sizes = [];
  for (const width of widths) {
    const { data, info } = await sharp(original)
      .autoOrient()
      .resize({ width, withoutEnlargement: true })
      .webp({ quality: 78 })
      .toBuffer({ resolveWithObject: true });
    await writeFile(join(folder, String(info.width)), data, { flush: true });
    sizes.push({ width: info.width, height: info.height, type: "image/webp" });
    if (info.width < width) break;
  }
  const smallest = join(folder, String(sizes[0].width));
  const { dominant } = await sharp(smallest).stats();
  const colour = `#${[dominant.r, dominant.g, dominant.b].map((each) => each.toString(16).padStart(2, "0")).join("")}`;
  const tiny = await sharp(smallest).resize({ width: 16 }).webp({ quality: 40 }).toBuffer();
  const placeholder = `data:image/webp;base64,${tiny.toString("base64")}`;
  await db("photos")
    .where({ id })
    .update({ status: "ready", colour, placeholder, sizes: JSON.stringify(sizes) });
}

await app.listen({ port: Number(PORT), host: "127.0.0.1" });
process.stdout.write(`listening at http://127.0.0.1:${app.server.address().port}\n`);
process.on("SIGTERM", async () => {
  await app.close();
  await queue;
  await db.destroy();
});
