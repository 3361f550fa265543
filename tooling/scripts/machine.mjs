import { cpus, totalmem } from "node:os";

/** The machine that this runs on. */
export function machineName() {
  const [{ model }] = cpus();
  return `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GB, ${process.platform} ${process.arch}`;
}
