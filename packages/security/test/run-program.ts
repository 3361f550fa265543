import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";

/** Runs a program of programs/ to its end, and resolves to what it wrote; killed after two minutes. */
export async function runProgram(name: string, ...args: readonly string[]): Promise<Buffer> {
  const program = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [...sourceFlags, program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}`);
  return Buffer.concat(pieces);
}
