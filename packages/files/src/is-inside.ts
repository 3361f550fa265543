import nodePath, { type PlatformPath } from "node:path";

/**
 * Whether a path is a directory or something below it. Both are absolute, and are compared as text: links are not
 * looked at.
 *
 * @param path - `node:path`, or its `win32` or `posix`.
 */
export function isInside(
  directory: string,
  candidate: string,
  path: PlatformPath = nodePath,
): boolean {
  const way = path.relative(directory, candidate);
  // on Windows the way to another drive is absolute
  return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}
