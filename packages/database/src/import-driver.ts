import { DriverMissingError } from "./errors.js";

/**
 * Loads the client of a driver.
 *
 * @throws DriverMissingError when the package is not installed.
 */
export async function importDriver<Module>(
  load: () => Promise<Module>,
  name: string,
  scheme: string,
  install: string,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // a package that is there but lacks something of its own says so itself
    if (code !== "ERR_MODULE_NOT_FOUND" || !message.includes(`'${name}'`)) throw error;
    throw new DriverMissingError(
      `the url ${scheme} needs the package ${name}, which is not installed: ${install}`,
      { cause: error, details: { package: name, install } },
    );
  }
}
