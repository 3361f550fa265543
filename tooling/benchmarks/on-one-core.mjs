// Who asks a server on this machine one question at a time waits for a core to wake up, and on another core longer than on
// the same one, on a virtual machine several times as long as the answer takes. The kernel puts one rival here and the other
// there, for as long as they live: on one core there is nothing to choose.
import { execFileSync } from "node:child_process";

/** Runs work with every process that it starts on the same core, where the system can: Linux, by `taskset`. */
export async function onOneCore(work) {
  if (process.platform !== "linux") return work();
  const all = affinity("-c", "-p", process.pid).match(/: (\S+)\s*$/)[1];
  affinity("-a", "-p", "-c", "0", process.pid);
  try {
    return await work();
  } finally {
    affinity("-a", "-p", "-c", all, process.pid);
  }
}

function affinity(...args) {
  return execFileSync("taskset", args.map(String), { encoding: "utf8" });
}
