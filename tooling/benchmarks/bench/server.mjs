// @infra/server beside Fastify and NestJS. The servers are processes of their own; the load comes from this one.
//
// Judged is how many requests a server answers in a second of processor time: what one core can serve. By the clock, load,
// servers and their threads share the cores with whatever else the machine does, and whoever works in several threads (Web
// Crypto) takes from the load; the figure is beside it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { load } from "../load.mjs";
import { together, withRivals } from "../taking-turns.mjs";
import { versionsOf } from "../versions.mjs";
import { body } from "./server/note.mjs";

export const title =
  "Hello: GET /hello/:name, JSON by a response schema. Note: POST /notes/:id with params, a validated body, a JWT (jose; @infra/security on its side), a request id, security headers, one log line. 64 connections";
export const unit = "requests/s of CPU";
export const packages = ["@infra/server", "@infra/logging", "@infra/security"];

export function versions() {
  return {
    ...versionsOf("fastify", "pino", "@nestjs/core"),
    "plugins: @infra/middleware": versionsOf("@infra/middleware")["@infra/middleware"],
  };
}

/** Turns of half a second each; the first two are the compiler's. */
const [warmUps, turns, seconds] = [2, 6, 0.5];

export const contestants = [
  ...hello("bare", { fastify: "fastify-bare", "@infra/server, plugins off": "infra-bare" }),
  ...hello("plugins", {
    "fastify + the plugins": "fastify-plugins",
    "@infra/server": "infra-plugins",
  }),
  ...notes({
    "note: fastify + helmet + pino": "fastify",
    "note: @infra/server": "@infra/server",
    "note: nestjs on fastify": "nestjs",
  }),
];

export const bars = [
  { contestant: "@infra/server, plugins off", against: "fastify", least: 0.95 },
  { contestant: "@infra/server", against: "fastify + the plugins", least: 0.95 },
  { contestant: "note: @infra/server", against: "note: fastify + helmet + pino", least: 1 },
  { contestant: "note: @infra/server", against: "note: nestjs on fastify", least: 1.5 },
];

const helloRequest = ({ url }) => ({ url: `${url}/hello/you` });

function hello(group, apps) {
  const each = Object.keys(apps).map((name) => ({ name, group }));
  const lists = Object.values(apps).map((app) => [app]);
  return together(each, {
    answers: () =>
      withServers("app.mjs", lists, (servers) =>
        Promise.all(servers.map(({ ready }) => helloOf(helloRequest(ready)))),
      ),
    measure: () => withServers("app.mjs", lists, (servers) => measure(servers, helloRequest)),
  });
}

/** Status, body and headers, without what differs from one request to the next. */
async function helloOf({ url }) {
  const response = await fetch(url);
  const { date: _date, ...headers } = Object.fromEntries(response.headers);
  if (headers["x-request-id"]) headers["x-request-id"] = "an id";
  return { status: response.status, headers, body: await response.text() };
}

const noteRequest = ({ url, token }) => ({
  url: `${url}/notes/7`,
  headers: ["content-type: application/json", `authorization: Bearer ${token}`],
  body,
});

function notes(apps) {
  const each = Object.keys(apps).map((name) => ({ name, group: "note" }));
  const withApps = async (use) => {
    const folder = mkdtempSync(join(tmpdir(), "infra-bench-"));
    const files = each.map((_, at) => join(folder, `${at}.log`));
    const lists = Object.values(apps).map((app, at) => [app, files[at]]);
    try {
      return await withServers("realistic.mjs", lists, (servers) => use(servers, files));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return together(each, {
    answers: () =>
      withApps((servers, files) =>
        Promise.all(servers.map(({ ready }, at) => noteOf(noteRequest(ready), files[at]))),
      ),
    measure: () => withApps((servers) => measure(servers, noteRequest)),
  });
}

/** What is answered to a good request, a bad body and no token; and what the line says of the first. */
async function noteOf({ url, headers }, file) {
  const named = Object.fromEntries(headers.map((line) => line.split(": ")));
  const post = (more) => fetch(url, { method: "POST", headers: named, body, ...more });
  const good = await post({});
  const seen = {
    status: good.status,
    body: await good.json(),
    id: good.headers.get("x-request-id")?.length,
    careful: good.headers.get("x-content-type-options"),
    bad: (await post({ body: "{}" })).status,
    nobody: (await post({ headers: { "content-type": "application/json" } })).status,
  };
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const { method, path, status, bytes, requestId } = lines.find((line) => line.method);
  return { ...seen, line: { method, path, status, bytes, id: requestId.length } };
}

async function measure(servers, requestOf) {
  const taken = servers.map(() => []);
  const order = [...servers.entries()];
  for (let turn = 0; turn < warmUps + turns; turn += 1) {
    for (const [at, server] of order) {
      const before = await server.cpu();
      const rate = await load({ ...requestOf(server.ready), connections: 64, seconds });
      const cpu = ((await server.cpu()) - before) / (rate * seconds);
      if (turn >= warmUps) taken[at].push({ rate, cpu });
    }
    order.reverse();
  }
  return taken.map((each) => {
    // what else the machine does only adds
    const cpu = Math.min(...each.map((turn) => turn.cpu));
    const rate = Math.max(...each.map((turn) => turn.rate));
    return {
      value: 1_000_000 / cpu,
      note: { "µs a request": cpu, "requests/s by the clock": rate },
    };
  });
}

/**
 * The servers of a round, fresh processes whose boot ends with a full garbage collection: one at an unlucky moment makes
 * process.nextTick of Node.js 20 ten times slower for as long as the process lives, and with it a whole server by a quarter.
 */
async function withServers(program, argumentLists, use) {
  return withRivals(join(import.meta.dirname, "server", program), argumentLists, async (rivals) =>
    use(
      await Promise.all(
        rivals.map(async (rival) => ({
          ready: await rival.ready,
          /** Microseconds of processor time so far, of all threads. */
          async cpu() {
            const { user, system } = await rival.ask("cpu");
            return user + system;
          },
        })),
      ),
    ),
  );
}
