import { MissingPeerError } from "../errors.js";

/**
 * Loads an optional library.
 *
 * @throws MissingPeerError when it is not installed.
 */
export async function importPeer<Module>(
  load: () => Promise<Module>,
  name: string,
  format: string,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // a package that is there but lacks something of its own says so itself
    if (code !== "ERR_MODULE_NOT_FOUND" || !message.includes(`'${name}'`)) throw error;
    throw new MissingPeerError(
      `${format} archives need the package ${name}, which is not installed: npm i ${name}`,
      { cause: error },
    );
  }
}
