// The built reference app as a child process on a folder of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const manifest = createRequire(import.meta.url).resolve("@infra/demo/package.json");
const main = join(dirname(manifest), "dist", "main.js");

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts the app in `folder` and waits until it is ready. */
export async function startDemo(folder, env = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { DATABASE_URL: _unset, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--enable-source-maps", main], {
    cwd: folder,
    env: { ...inherited, PORT: String(port), HOST: "127.0.0.1", LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  }
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const demo = {
    url,
    pid: child.pid,
    exited,
    output: () => output,
    /** Sends a signal and resolves with how the process ended, and after how long. */
    async end(signal) {
      const started = performance.now();
      child.kill(signal);
      return { ...(await exited), elapsedMs: performance.now() - started };
    },
  };
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline && child.exitCode === null) {
    const ready = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return demo;
    await sleep(20);
  }
  child.kill("SIGKILL");
  throw new Error(`the demo did not become ready:\n${output}`);
}

/** Creates a note and returns its id once the app has acknowledged it. */
export async function createNote(url, title) {
  const response = await fetch(`${url}/notes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title, body: "" }),
  });
  if (response.status !== 201) throw new Error(`POST /notes answered ${response.status}`);
  return (await response.json()).id;
}

/** The ids of every note, page by page. */
export async function allNoteIds(url) {
  const ids = new Set();
  for (let next = ""; next !== undefined;) {
    const query = next === "" ? "" : `&after=${encodeURIComponent(next)}`;
    const page = await (await fetch(`${url}/notes?limit=100${query}`)).json();
    for (const note of page.items) ids.add(note.id);
    next = page.next;
  }
  return ids;
}
