import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";

/** How much memory a process holds, in bytes; `undefined` when it is gone, or where nobody says (Windows). */
export async function processMemory(pid: number): Promise<number | undefined> {
  if (process.platform === "linux") {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    return kilobytes(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  }
  if (process.platform === "win32") return undefined;
  return new Promise((resolve) => {
    execFile("ps", ["-o", "rss=", "-p", String(pid)], (_error, stdout) => {
      resolve(kilobytes(/^\s*(\d+)\s*$/.exec(stdout)?.[1]));
    });
  });
}

function kilobytes(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text) * 1024;
}
