import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** The app as a process of its own. */
export interface AlbumProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it wrote so far. */
  readonly output: () => string;
  /** Sends SIGTERM, and resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** Starts it in a role, on a free port, and resolves when it is ready. */
export async function startAlbumProcess(
  role: "web" | "worker",
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<AlbumProcess> {
  const child = spawn(process.execPath, [...sourceFlags, main], {
    cwd,
    env: { PATH: process.env["PATH"], PORT: "0", ROLE: role, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      child.emit("output");
    });
  }
  for (;;) {
    const url = /is at (http:\S+)/.exec(output)?.[1];
    if (url !== undefined) {
      return {
        url,
        child,
        output: () => output,
        async stop() {
          if (child.exitCode !== null) return child.exitCode;
          child.kill("SIGTERM");
          const [code] = (await once(child, "exit")) as [number | null];
          return code;
        },
      };
    }
    if (child.exitCode !== null) throw new Error(`the ${role} process ended:\n${output}`);
    await Promise.race([once(child, "output"), once(child, "close")]);
  }
}
