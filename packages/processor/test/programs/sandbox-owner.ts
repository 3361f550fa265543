// node sandbox-owner.ts FILE: a sandbox whose work never ends; tells the id of its process once the work has made the file.
import { existsSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import { Sandbox } from "../../src/index.js";

const sandbox = new Sandbox<typeof import("./work.js")>({
  module: new URL("work.ts", import.meta.url),
  timeout: Infinity,
});
const pid = await sandbox.run("pid", []);
const [, , file] = process.argv as [string, string, string];
const looping = sandbox.run("loopOnceSaid", [file]);
while (!existsSync(file)) await setImmediate();
process.send!(pid);
await looping;
