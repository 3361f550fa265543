import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

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

// PostgreSQL refuses to run as root: then it runs as nobody.
const nobody = 65_534;

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
  options.signal?.throwIfAborted();
  const owner = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const folder = await mkdtemp(join(tmpdir(), "postgres-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid);
    const environment = {
      ...owner,
      cwd: folder,
      env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, LANG: "C.UTF-8" },
    };
    const data = join(folder, "data");
    await run(
      join(bin, "initdb"),
      ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
      { ...environment, signal: options.signal },
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
          folder,
          ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
        ],
        ready: "ready to accept connections",
        spawn: environment,
        signal: options.signal,
        ...(samePort !== undefined && { port: samePort }),
      });
    let server = await start();
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopped ??= server.stop().then(remove));
    return {
      url: `postgres://postgres@127.0.0.1:${server.port}/postgres`,
      async kill() {
        const [pid] = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
        process.kill(Number(pid), "SIGKILL");
        await server.exited;
        await server.stop();
      },
      async restart() {
        server = await start(server.port);
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await remove();
    options.signal?.throwIfAborted();
    throw error;
  }
}
