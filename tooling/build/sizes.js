import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export async function sizesOf(packageFolder) {
  // in a process of its own: the bundler's native part does not know the objects of Jest's vm
  const program = fileURLToPath(new URL("measure-sizes.js", import.meta.url));
  const { stdout } = await run(process.execPath, [program, fileURLToPath(packageFolder)], {
    env: { ...process.env, NODE_OPTIONS: "" },
    timeout: 60_000,
  });
  return JSON.parse(stdout);
}
