// A process with a sandbox whose work never ends: tells the id of the sandbox's process.
import { Sandbox } from "../../src/index.js";

const sandbox = new Sandbox<typeof import("./work.js")>({
  module: new URL("work.ts", import.meta.url),
  timeout: Infinity,
});
const pid = await sandbox.run("pid", []);
const looping = sandbox.run("loop", []);
process.send!(pid);
await looping;
