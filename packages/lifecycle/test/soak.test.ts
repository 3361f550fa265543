import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterEach, expect, it } from "@jest/globals";

const program = fileURLToPath(new URL("programs/soak.ts", import.meta.url));
let child: ChildProcess | undefined;

afterEach(() => void child?.kill("SIGKILL"));

it("leaves no listener, timer or handle after 500 starts and stops, and the process ends by itself", async () => {
  const soak = spawn(process.execPath, [...sourceFlags, program, "500"], {
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child = soak;
  const [output, warnings, [code]] = await Promise.all([
    text(soak.stdout),
    text(soak.stderr),
    once(soak, "exit"),
  ]);
  expect({ code, warnings }).toEqual({ code: 0, warnings: "" });
  const [before, after] = JSON.parse(output) as [unknown, unknown];
  expect(after).toEqual(before);
}, 60_000);
