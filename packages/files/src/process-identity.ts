import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** Who holds a lock, as other processes can check it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** The machine, its start and, in a container, the container: where a pid means this process. */
  readonly realm: string;
  /** When the process was started, in the system's own units: tells it from a later one with the same pid. */
  readonly started?: string;
}

/** This process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  const started = await startOf(process.pid);
  return {
    pid: process.pid,
    host: hostname(),
    realm: await realm(),
    ...(started !== undefined && { started }),
  };
}

/** Whether a process has certainly ended; `false` also when nobody here can know. */
export async function hasEnded(owner: ProcessIdentity): Promise<boolean> {
  if (owner.realm !== (await realm())) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  if (owner.started === undefined) return false;
  return (await startOf(owner.pid)) !== owner.started;
}

async function realm(): Promise<string> {
  if (process.platform !== "linux") return hostname();
  const [boot, namespace] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
    readlink("/proc/self/ns/pid").catch(() => ""),
  ]);
  return `${hostname()} ${boot.trim()} ${namespace}`;
}

/** From Linux's process table; `undefined` where there is none, or no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // the second field is the program's name in brackets, which may hold spaces; the 22nd is the start
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return undefined;
    throw error;
  }
}
