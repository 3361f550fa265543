#!/usr/bin/env node
// Runs jest with the flags that native ES modules need, on any platform. Worker threads inherit the
// last two, so that they load TypeScript sources too. A run that hangs, or that leaves something open
// which keeps jest from exiting, fails and says where, with every process that it started ended.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "../source-flags.js";
import { Watch } from "../watch.js";

const jest = fileURLToPath(import.meta.resolve("jest/bin/jest"));
const flags = [
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
  ...sourceFlags,
];
const child = spawn(process.execPath, [...flags, jest, ...process.argv.slice(2)], {
  stdio: ["inherit", "inherit", "inherit", "ipc"],
  // a process group of its own, so that what the tests started can be ended with it
  detached: process.platform !== "win32",
});

function end(signal) {
  try {
    // of POSIX's process groups the number is that of the first process, negated
    process.kill(process.platform === "win32" ? child.pid : 0 - child.pid, signal);
  } catch (error) {
    // the group is gone already; EPERM is what macOS says of one whose processes have ended
    if (error.code !== "ESRCH" && error.code !== "EPERM") throw error;
  }
}

// jest's own watch mode stands still as long as nobody edits
const follow = !process.argv.some((argument) => argument.startsWith("--watch"));
const watch = new Watch({
  onHang: (message) => {
    console.error(message);
    process.exitCode = 1;
    end("SIGKILL");
  },
});
if (follow) {
  watch.take({ event: "started" });
  child.on("message", (message) => watch.take(message));
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end(signal));
child.on("exit", (code, signal) => {
  watch.stop();
  // a process that a test left behind would keep the caller's pipes open
  end("SIGKILL");
  process.exitCode ||= signal ? 1 : code;
});
