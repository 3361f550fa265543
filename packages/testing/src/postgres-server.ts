import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { inServerFolder } from "./server-folder.js";
import { startServerProcess, type ServerProcess } from "./server-process.js";

const run = promisify(execFile);

/** Options of {@link startPostgres}. */
export interface StartPostgresOptions {
  /** The folder of `initdb` and `postgres`. @default what {@link findPostgres} finds */
  readonly bin?: string | undefined;
  /**
   * Server settings. `fsync` is off unless it is set here: a test server may lose its data with the machine, though
   * not with its process.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /** Gives up starting, and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
}

/** A PostgreSQL server of one's own: empty, on a free loopback port, in a temporary folder. */
export interface PostgresServer extends AsyncDisposable {
  /** `postgres://postgres@127.0.0.1:<port>/postgres`, without a password. */
  readonly url: string;
  /** Ends the server as a crash does, with SIGKILL: clients are cut off, nothing is written any more. */
  kill(): Promise<void>;
  /** Starts a server that was killed again: on the same port, with what it had. */
  restart(): Promise<void>;
  /** Stops the server and removes its folder; idempotent. */
  stop(): Promise<void>;
}

/** The folders `<prefix><version>` of a folder, newest version first. */
function versions(folder: string, prefix: string): string[] {
  const versionOf = (name: string): number => Number(name.slice(prefix.length));
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.startsWith(prefix) && versionOf(name) > 0)
    .toSorted((a, b) => versionOf(b) - versionOf(a))
    .map((name) => join(folder, name));
}

/**
 * The folder with PostgreSQL's programs on this machine, the newest version first; `undefined` when there is none.
 * Looks where packages of Linux distributions, Homebrew and a build from source put them, not in the environment.
 */
export function findPostgres(): string | undefined {
  return [
    ...versions("/usr/lib/postgresql", "").map((folder) => join(folder, "bin")),
    ...versions("/usr", "pgsql-").map((folder) => join(folder, "bin")),
    ...versions("/opt/homebrew/opt", "postgresql@").map((folder) => join(folder, "bin")),
    "/usr/local/pgsql/bin",
    "/usr/local/bin",
    "/usr/bin",
  ].find((bin) => existsSync(join(bin, "initdb")) && existsSync(join(bin, "postgres")));
}

/**
 * Starts a PostgreSQL server, empty, in about two seconds. The server ends with {@link PostgresServer.stop}, and also
 * with the process that started it; it does not keep that process alive.
 *
 * @throws an error that says what to install when PostgreSQL's programs are not found.
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const bin = options.bin ?? findPostgres();
  if (bin === undefined) {
    throw new Error(
      "startPostgres: found no initdb and postgres on this machine; install PostgreSQL (Debian: apt install postgresql) or pass { bin }",
    );
  }
  const { signal } = options;
  const searchPath = `${bin}:/usr/bin:/bin`;
  return inServerFolder({ name: "postgres", searchPath, signal }, async (folder) => {
    const data = join(folder.path, "data");
    await run(
      join(bin, "initdb"),
      ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
      { ...folder.spawn, signal },
    );
    const settings = Object.entries({ fsync: "off", ...options.settings });
    const start = (samePort?: number): Promise<ServerProcess> =>
      startServerProcess({
        name: "startPostgres",
        command: (port) => [
          join(bin, "postgres"),
          "-D",
          data,
          "-p",
          String(port),
          "-h",
          "127.0.0.1",
          "-k",
          folder.path,
          ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
        ],
        ready: "ready to accept connections",
        spawn: folder.spawn,
        signal,
        ...(samePort !== undefined && { port: samePort }),
      });
    let server = await start();
    const stop = folder.stopWith(() => server.stop());
    return {
      url: `postgres://postgres@127.0.0.1:${server.port}/postgres`,
      kill: () => server.kill(),
      async restart() {
        server = await start(server.port);
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  });
}
