import { UnsafeArchiveError } from "../errors.js";

/**
 * The path of an archive's entry below the destination, with `/` between names; empty for the destination itself.
 *
 * @throws UnsafeArchiveError for a name that is absolute, goes up, or means something else on another system.
 */
export function entryPath(name: string, platform: NodeJS.Platform = process.platform): string {
  const names = name.split("/").filter((part) => part !== "" && part !== ".");
  const reason = name.startsWith("/")
    ? "is absolute"
    : /^[a-z]:/i.test(name)
      ? "names a drive"
      : names.includes("..")
        ? "leads out of the destination"
        : // eslint-disable-next-line no-control-regex -- they are what is looked for
          name === "" || /[\u0000-\u001f\u007f\\]/.test(name)
          ? "has characters that names may not have"
          : platform === "win32" && names.some(isUnfitForWindows)
            ? "has another meaning on Windows"
            : undefined;
  if (reason !== undefined) throw unsafeEntry(name, reason);
  return names.join("/");
}

/** An entry that is not extracted, and so nothing of the archive. */
export function unsafeEntry(entry: string, reason: string, cause?: unknown): Error {
  return new UnsafeArchiveError(`the archive's entry ${JSON.stringify(entry)} ${reason}`, {
    details: { entry },
    ...(cause !== undefined && { cause }),
  });
}

function isUnfitForWindows(name: string): boolean {
  return (
    /[<>:"|?*]|[. ]$/.test(name) ||
    /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i.test(name)
  );
}
