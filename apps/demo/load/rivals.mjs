// What the load compares, each as a process of its own that is asked over HTTP and through its database.
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { PubSubClient } from "@infra/pubsub/client";
import knex from "knex";

import { Client } from "./load-client.mjs";

const here = import.meta.dirname;
const connections = 64;
/** Of Linux, per second. */
const clockTicks = 100;
const photoColumns = "album_id, by_id, title, status, width, height, colour, placeholder, sizes";

/** A server under load. */
class Rival {
  client;
  albumId;
  /** From the start of the process until it answers. */
  readyMs;
  #child;
  #exited;
  #db;

  constructor(name, postgres, program, args, env) {
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    this.databaseUrl = url.href;
    this.#child = spawn(process.execPath, ["--expose-gc", ...args, join(here, program)], {
      env: { PATH: process.env.PATH, DATABASE_URL: url.href, PORT: "0", ...env },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    this.#exited = once(this.#child, "exit");
    this.#db = knex({ client: "pg", connection: url.href, pool: { min: 0, max: 2 } });
  }

  get db() {
    return this.#db;
  }

  /** Waits until it says where it is, and answers. */
  async listens() {
    const startedAt = performance.now();
    let output = "";
    this.#child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
    for (;;) {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
      if (url !== undefined) {
        this.readyMs = performance.now() - startedAt;
        this.url = url;
        return;
      }
      if (this.#child.exitCode !== null) throw new Error(`it did not start:\n${output}`);
      await sleep(5);
    }
  }

  /** Resident memory, in MB. */
  memoryMb() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1000);
  }

  /** What it has taken of the processors so far, in milliseconds: not what else the machine does. */
  cpuMs() {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    const [user, system] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14);
    return (Number(user) + Number(system)) * (1000 / clockTicks);
  }

  /** Resident memory after a while without work, and a collection of what is not used any more. */
  async restMb() {
    await this.idle();
    await sleep(5_000);
    this.#child.send("gc");
    await once(this.#child, "message");
    await sleep(1_000);
    return this.memoryMb();
  }

  /** Waits until no photo is processed any more. */
  async idle() {
    for (;;) {
      const waiting = await this.#db("photos").where({ status: "processing" }).first("id");
      if (!waiting) return;
      await sleep(50);
    }
  }

  async copyPhoto(id, copies) {
    const source = this.columns ?? photoColumns;
    for (const copy of copies) {
      await this.#db.raw(
        `insert into photos (id, ${source}) select ?, ${source} from photos where id = ?`,
        [copy, id],
      );
    }
    await this.#db.raw("analyze photos");
  }

  async end() {
    this.client?.close();
    await this.events?.close();
    await this.#db.destroy();
    this.#child.kill("SIGTERM");
    await this.#exited;
  }
}

async function createDatabase(postgres, name) {
  const db = knex({ client: "pg", connection: postgres.url, pool: { min: 0, max: 1 } });
  await db.raw(`create database ${name}`);
  await db.destroy();
}

/** The app as it is built: with its work in the same process, or with the web alone. */
export async function startAlbum(postgres, folder, role) {
  const name = `album_${role}`;
  await createDatabase(postgres, name);
  const env = {
    ROLE: role,
    LOG_LEVEL: "warn",
    ENCRYPTION_KEY: "a key for the load of the reference app",
    STORAGE_URL: `file:${join(folder, name)}`,
    REQUESTS_PER_MINUTE: "100000000",
  };
  const rival = new Rival(name, postgres, "album-process.mjs", [], env);
  rival.columns = `${photoColumns}, kind, bytes`;
  await rival.listens();
  const jar = new Map();
  const send = async (method, path, body, headers = {}) => {
    const cookie = [...jar].map((pair) => pair.join("=")).join("; ");
    const answer = await fetch(rival.url + path, {
      method,
      headers: { cookie, ...headers, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(line);
      jar.set(key, value);
    }
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const token = async () => (await send("GET", "/api/me")).csrfToken;
  const account = { email: "ada@example.org", password: "mole quartz fjord 7", name: "Ada" };
  await send("POST", "/api/accounts", account, { "x-csrf-token": await token() });
  const csrfToken = await token();
  const { id } = await send(
    "POST",
    "/api/albums",
    { title: "Load" },
    { "x-csrf-token": csrfToken },
  );
  const cookie = [...jar].map((pair) => pair.join("=")).join("; ");
  rival.albumId = id;
  rival.client = new Client(rival.url, { cookie, csrfToken, connections });
  const headers = { cookie, origin: rival.url };
  const events = new PubSubClient({ url: rival.url, socketOptions: { extraHeaders: headers } });
  rival.events = events;
  const done = new Set();
  await events.subscribe(
    `album.${id}`,
    ({ photo }) => photo?.status === "ready" && done.add(photo.id),
  );
  rival.ready = async (photoId) => {
    while (!done.has(photoId)) await sleep(1);
  };
  return rival;
}

/** The same routes without the packages. */
export async function startPlain(postgres, folder, role) {
  const name = `plain_${role}`;
  await createDatabase(postgres, name);
  const files = join(folder, name);
  mkdirSync(files, { recursive: true });
  const env = { ROLE: role, FILES: files, WEB: join(here, "..", "dist", "web") };
  const rival = new Rival(name, postgres, "plain.mjs", [], env);
  await rival.listens();
  const [accountId, albumId, token] = [randomUUID(), randomUUID(), randomUUID()];
  const tokenHash = createHash("sha256").update(token).digest("base64url");
  await rival.db("accounts").insert({ id: accountId, name: "Ada" });
  await rival.db("sessions").insert({ token_hash: tokenHash, account_id: accountId });
  await rival.db("albums").insert({ id: albumId, title: "Load" });
  await rival.db("members").insert({ album_id: albumId, account_id: accountId });
  rival.albumId = albumId;
  rival.client = new Client(rival.url, { cookie: `session=${token}`, connections });
  return rival;
}
