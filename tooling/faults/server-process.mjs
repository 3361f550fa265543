// programs/server-app.mjs as a child process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const program = join(import.meta.dirname, "programs", "server-app.mjs");

/** Starts it, and resolves when it listens. */
export async function startServer() {
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      child.emit("output");
    });
  }
  const exited = once(child, "close").then(([code]) => code);
  const giveUp = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let url;
  while ((url = /^listening (.*)$/m.exec(output)?.[1]) === undefined) {
    if (child.exitCode !== null) throw new Error(`the server did not start:\n${output}`);
    await Promise.race([once(child, "output"), exited]);
  }
  return {
    url,
    /** Ends it with SIGTERM: how long that took, and what it cut. */
    async end() {
      const startedAt = performance.now();
      child.kill("SIGTERM");
      const code = await exited;
      clearTimeout(giveUp);
      const cut = JSON.parse(/^cut (.*)$/m.exec(output)?.[1] ?? "null");
      return { code, cut, output, elapsedMs: performance.now() - startedAt };
    },
    kill() {
      clearTimeout(giveUp);
      child.kill("SIGKILL");
    },
  };
}
