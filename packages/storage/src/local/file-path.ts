import { InvalidKeyError } from "../errors.js";

/** The folder, in that of the files, for what is not theirs. */
export const ownFolder = ".infra";

const maxPartBytes = 255;
const windowsNames = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The path of a key below the folder of the files.
 *
 * @throws InvalidKeyError (`ERR_STORAGE_INVALID_KEY`) when no disk could hold it, this system's could not, or it lies in the
 * folder that is not for files.
 */
export function filePath(key: string, platform: NodeJS.Platform = process.platform): string {
  const parts = key.split("/");
  if (parts[0]!.toLowerCase() === ownFolder) {
    throw refused(key, `on disk, the folder ${ownFolder} is kept for other things`);
  }
  for (const part of parts) {
    if (Buffer.byteLength(part) > maxPartBytes) {
      throw refused(key, `on disk, a part can't be longer than ${maxPartBytes} bytes`);
    }
    const odd = /[<>:"|?*]|[. ]$/.test(part) || windowsNames.test(part);
    if (platform === "win32" && odd) throw refused(key, "Windows has no such names");
  }
  return key;
}

function refused(key: string, why: string): Error {
  return new InvalidKeyError(`key ${JSON.stringify(key)} is not allowed: ${why}`, {
    publicMessage: "The key of a file is not allowed.",
  });
}
