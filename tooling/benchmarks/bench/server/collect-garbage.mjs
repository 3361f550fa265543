import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A full collection, of a process that was not started with --expose-gc. */
export function collectGarbage() {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
