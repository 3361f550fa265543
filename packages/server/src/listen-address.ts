import type { AddressInfo } from "node:net";

import { ServerAddressInUseError, ServerListenError } from "./errors.js";

/** The address clients on this machine use for what a server listens on. */
export function urlOf({ address, family, port }: AddressInfo, host: string): string {
  if (host === "localhost") return `http://localhost:${port}`;
  if (address === "0.0.0.0") return `http://127.0.0.1:${port}`;
  if (address === "::") return `http://[::1]:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** What a failed listen means, and what to do; an error that has nothing to do with the address stays itself. */
export function listenError(error: unknown, host: string, port: number): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const options = { cause: error, details: { host, port } };
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
