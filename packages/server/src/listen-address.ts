import { lstat, rm } from "node:fs/promises";
import { connect, type AddressInfo } from "node:net";

import { ServerAddressInUseError, ServerListenError } from "./errors.js";

/** The address clients on this machine use for what a server listens on: `unix:/path` for a socket of the file system. */
export function urlOf(listening: AddressInfo | string, host: string, scheme: string): string {
  if (typeof listening === "string") return `unix:${listening}`;
  const { address, family, port } = listening;
  if (host === "localhost") return `${scheme}://localhost:${port}`;
  if (address === "0.0.0.0") return `${scheme}://127.0.0.1:${port}`;
  if (address === "::") return `${scheme}://[::1]:${port}`;
  return `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Removes a socket that a process left behind when it was killed: one that nobody answers on. */
export async function removeStaleSocket(path: string): Promise<void> {
  // a connection to a plain file is refused as well
  const there = await lstat(path).catch(() => undefined);
  if (!there?.isSocket()) return;
  const code = await new Promise<string | undefined>((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once("connect", () => socket.destroy());
  });
  if (code === "ECONNREFUSED") await rm(path, { force: true });
}

/** What a failed listen means, and what to do; an error that has nothing to do with the address stays itself. */
export function listenError(error: unknown, host: string, port: number, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const options = { cause: error, details: { host, port, ...(path !== "" && { socket: path }) } };
  if (path !== "" && syscall !== undefined) {
    return code === "EADDRINUSE"
      ? new ServerAddressInUseError(`another process listens on the socket ${path}`, options)
      : new ServerListenError(`can't listen on the socket ${path}: ${String(code)}`, options);
  }
  if (code === "EADDRINUSE") {
    return new ServerAddressInUseError(
      `port ${port} on ${host} is taken by another process: stop that one, or set another port ` +
        "(option port, environment variable PORT; 0 picks a free one)",
      options,
    );
  }
  if (syscall === undefined) return error;
  const why =
    code === "EACCES"
      ? "this user may not listen on it (ports below 1024 are reserved)"
      : code === "EADDRNOTAVAIL"
        ? "this machine has no such address"
        : code === "ENOTFOUND"
          ? "there is no such host name"
          : String(code);
  return new ServerListenError(
    `can't listen on port ${port} of ${host}: ${why}; set another (options host and port, ` +
      "environment variables HOST and PORT)",
    options,
  );
}
