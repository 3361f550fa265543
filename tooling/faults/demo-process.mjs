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
    env: {
      ...inherited,
      PORT: String(port),
      HOST: "127.0.0.1",
      LOG_LEVEL: "warn",
      ENCRYPTION_KEY: "a key for faults",
      REQUESTS_PER_MINUTE: "1000000",
      ...env,
    },
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
  const deadline = performance.now() + 120_000;
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

/** Makes an account; the headers of its owner's requests, which hold over a restart. */
export async function signUp(url) {
  const cookies = new Map();
  const keep = (response) => {
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(";", 1)[0].split("=");
      cookies.set(name, value);
    }
    return response;
  };
  const cookie = () => [...cookies].map((each) => each.join("=")).join("; ");
  const headers = async () => {
    const me = keep(await fetch(`${url}/api/me`, { headers: { cookie: cookie() } }));
    const { csrfToken } = await me.json();
    return { cookie: cookie(), "content-type": "application/json", "x-csrf-token": csrfToken };
  };
  const answer = await fetch(`${url}/api/accounts`, {
    method: "POST",
    headers: await headers(),
    body: JSON.stringify({
      email: "ada@example.org",
      password: "mole quartz fjord 7",
      name: "Ada",
    }),
  });
  if (keep(answer).status !== 201) throw new Error(`POST /api/accounts answered ${answer.status}`);
  return await headers();
}

/** Creates an album and returns its id once the app has acknowledged it. */
export async function createAlbum(url, headers, title) {
  const response = await fetch(`${url}/api/albums`, {
    method: "POST",
    headers,
    body: JSON.stringify({ title }),
  });
  if (response.status !== 201) throw new Error(`POST /api/albums answered ${response.status}`);
  return (await response.json()).id;
}
