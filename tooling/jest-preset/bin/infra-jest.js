#!/usr/bin/env node
// Runs jest with the flags that native ES modules need, on any platform. Worker threads inherit the
// last two, so that they load TypeScript sources too.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "../source-flags.js";

const jest = fileURLToPath(import.meta.resolve("jest/bin/jest"));
const flags = [
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
  ...sourceFlags,
];
const { status, signal } = spawnSync(process.execPath, [...flags, jest, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = signal ? 1 : (status ?? 1);
