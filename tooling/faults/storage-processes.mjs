// Processes that the storage scenarios run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Starts one of the programs; `line()` resolves to the next line that it prints, `closed` to how it ended. */
export function startProgram(name, ...args) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "programs", name), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  let printed;
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    printed?.();
  });
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const closed = once(child, "close").then(([code, signal]) => {
    printed?.();
    return { code, signal, output, errors };
  });
  return {
    child,
    closed,
    lines: () => output.split("\n").slice(0, -1),
    async line() {
      while (!output.includes("\n") && child.exitCode === null && child.signalCode === null) {
        await new Promise((resolve) => (printed = resolve));
      }
      if (!output.includes("\n"))
        throw new Error(`${name} ended before it printed a line:\n${errors}`);
      return output.slice(0, output.indexOf("\n"));
    },
    /** Kills it, if it runs. */
    async kill() {
      child.kill("SIGKILL");
      return closed;
    },
  };
}

/** Starts an S3 server in a process of its own. */
export async function startS3Process() {
  const program = startProgram("s3-server.mjs");
  try {
    const url = await program.line();
    return { url, stop: () => program.kill() };
  } catch (error) {
    await program.kill();
    throw error;
  }
}
