import { InternalError } from "./semantic-errors.js";

/** An optional peer dependency is wanted and not installed; the message says what to install. HTTP 500. */
export class PeerMissingError extends InternalError<{
  readonly package: string;
  readonly install: string;
}> {
  static override readonly kind: string = "PeerMissingError";
  static override readonly code: string = "ERR_PEER_MISSING";
}

/**
 * Loads an optional peer dependency when it is first wanted.
 *
 * @param name the package, as `load` imports it: "pg"
 * @param load `() => import("pg")`
 * @param options.for what needs it, as a user wrote it: `the url postgres:`
 * @param options.install all that has to be installed. Default: the package alone.
 * @throws PeerMissingError (`ERR_PEER_MISSING`) when it is not installed. What an installed package lacks of its own is
 * thrown as it is.
 * @example const { default: pg } = await importPeer("pg", () => import("pg"), { for: "the url postgres:" });
 */
export async function importPeer<Module>(
  name: string,
  load: () => Promise<Module>,
  options: { readonly for: string; readonly install?: string },
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // the second is what require() says
    const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
    if (!missing || !message.includes(`'${name}'`)) throw error;
    const install = options.install ?? name;
    throw new PeerMissingError(
      `${options.for} needs the package ${name}, which is not installed: npm i ${install}`,
      { cause: error, details: { package: name, install } },
    );
  }
}
