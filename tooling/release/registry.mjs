// A registry on loopback that knows only @infra/*, and has no other registry behind it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { cleanEnvironment } from "./run.mjs";
import { tool } from "./tool.mjs";
import { toolEnvironment } from "./workspace.mjs";

// when the rehearsal dies, even by SIGKILL, the channel to it closes and the registry ends
const endWithParent = 'data:text/javascript,process.on("disconnect", () => process.exit())';
const configuration = `storage: ./storage
uplinks: {}
packages:
  "@infra/*": { access: $all, publish: $all }
log: { type: file, path: ./verdaccio.log, level: warn }
max_body_size: 100mb
`;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts the registry in `folder`. `npmrc` is what a client needs to use it for @infra/* and its usual registry
 * for the rest; `stop()` ends it.
 */
export async function startRegistry(folder, signal) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "verdaccio.yaml"), configuration);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const listen = ["--config", "verdaccio.yaml", "--listen", `127.0.0.1:${port}`];
  const child = spawn(process.execPath, ["--import", endWithParent, tool("verdaccio"), ...listen], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: cleanEnvironment(process.env),
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaint += text));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  try {
    await untilAnswers(url, child, signal);
  } catch (error) {
    await stop();
    throw new Error(`the registry did not start: ${error.message}\n${complaint}`, { cause: error });
  }
  const npmrc = `@infra:registry=${url}\n//127.0.0.1:${port}/:_authToken=rehearsal\nyes=true\n`;
  return { url, npmrc, stop };
}

async function untilAnswers(url, child, signal) {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(100)) {
    signal.throwIfAborted();
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const answer = await fetch(`${url}-/ping`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error("no answer within 30 s");
}

/**
 * Publishes as a release does, through changesets, but to `registry`, without tags; resolves to what the registry
 * then has: name to `{ version, integrity }`.
 */
export async function publish(clone, packages, registry, run) {
  writeFileSync(join(clone, ".npmrc"), registry.npmrc);
  await run("changeset", ["publish", "--no-git-tag"], {
    cwd: clone,
    env: { ...toolEnvironment(clone), npm_config_registry: registry.url },
    timeoutMs: 300_000,
  });
  const published = new Map();
  for (const { name, folder } of packages) {
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const answer = await fetch(registry.url + name.replace("/", "%2f"));
    const dist = answer.ok ? (await answer.json()).versions[version]?.dist : undefined;
    if (dist === undefined) throw new Error(`${name}@${version} did not reach the registry`);
    published.set(name, { version, integrity: dist.integrity });
  }
  return published;
}
