import { readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { fileError } from "../to-file-error.js";

const maxLinks = 40;

/**
 * Where a write to a path ends up: a link at the end is followed, also one that points to nothing yet.
 *
 * @throws SymbolicLinkError when links lead to each other without end.
 */
export async function throughLinks(path: string): Promise<string> {
  let target = resolve(path);
  for (let followed = 0; followed < maxLinks; followed += 1) {
    let next: string;
    try {
      next = await readlink(target);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // EINVAL: there is something, and it is no link
      if (code === "EINVAL" || code === "ENOENT" || code === "UNKNOWN") return target;
      throw error;
    }
    target = resolve(await realpath(dirname(target)), next);
  }
  throw fileError("ELOOP", "write", path);
}
