import { pathToFileURL } from "node:url";

import { importPeer } from "@infra/errors";

/**
 * Imports a module of JavaScript or TypeScript. Where this Node.js can't read TypeScript itself (before 22.18) and nothing
 * that can is loaded, `jiti` does.
 *
 * @throws PeerMissingError (`ERR_PEER_MISSING`) when `jiti` would be needed and is not installed.
 */
export async function importModule(path: string): Promise<unknown> {
  try {
    return (await import(pathToFileURL(path).href)) as unknown;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const unreadable =
      code === "ERR_UNKNOWN_FILE_EXTENSION" || code === "ERR_UNKNOWN_MODULE_FORMAT";
    if (!unreadable || !/\.[cm]?ts$/.test(path)) throw error;
    return importTypeScript(path);
  }
}

/** Imports a module of TypeScript with `jiti`. */
export async function importTypeScript(path: string): Promise<unknown> {
  const { createJiti } = await importPeer("jiti", () => import("jiti"), {
    for: `${path} on Node.js ${process.versions.node}`,
  });
  return createJiti(pathToFileURL(path).href, { moduleCache: false }).import(path);
}
