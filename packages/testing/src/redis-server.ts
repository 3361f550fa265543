import { existsSync } from "node:fs";
import { join } from "node:path";

import { inServerFolder } from "./server-folder.js";
import { startServerProcess, type ServerProcess } from "./server-process.js";

/** Options of {@link startRedis}. */
export interface StartRedisOptions {
  /** The program `redis-server`. @default what {@link findRedis} finds */
  readonly program?: string | undefined;
  /** Server settings, as in redis.conf. Nothing is kept on disk unless it is set here. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Gives up starting, and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
}

/** A Redis server of one's own: empty, on a free loopback port, in a temporary folder. */
export interface RedisServer extends AsyncDisposable {
  /** `redis://127.0.0.1:<port>`, without a password. */
  readonly url: string;
  /** Ends the server as a crash does, with SIGKILL: clients are cut off, and what it had is gone. */
  kill(): Promise<void>;
  /** Starts a server that was killed again: on the same port, empty. */
  restart(): Promise<void>;
  /** Stops the server in its tracks, with SIGSTOP: it takes connections, and answers nothing. */
  freeze(): void;
  /** Lets a frozen server go on. */
  thaw(): void;
  /** Stops the server, also a frozen one, and removes its folder; idempotent. */
  stop(): Promise<void>;
}

/** The program `redis-server` (or `valkey-server`) of this machine; `undefined` when there is none. */
export function findRedis(): string | undefined {
  return ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/snap/bin"]
    .flatMap((folder) => [join(folder, "redis-server"), join(folder, "valkey-server")])
    .find((program) => existsSync(program));
}

/**
 * Starts a Redis server, empty, in a fraction of a second. The server ends with {@link RedisServer.stop}, and also with
 * the process that started it; it does not keep that process alive.
 *
 * @throws an error that says what to install when the program is not found.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const program = options.program ?? findRedis();
  if (program === undefined) {
    throw new Error(
      "startRedis: found no redis-server on this machine; install Redis (Debian: apt install redis-server) or pass { program }",
    );
  }
  const { signal } = options;
  return inServerFolder({ name: "redis", searchPath: "/usr/bin:/bin", signal }, async (folder) => {
    const settings = Object.entries({ save: "", appendonly: "no", ...options.settings });
    const start = (samePort?: number): Promise<ServerProcess> =>
      startServerProcess({
        name: "startRedis",
        command: (port) => [
          program,
          "--port",
          String(port),
          "--bind",
          "127.0.0.1",
          "--dir",
          folder.path,
          ...settings.flatMap(([name, value]) => [`--${name}`, value]),
        ],
        ready: "Ready to accept connections",
        spawn: folder.spawn,
        signal,
        ...(samePort !== undefined && { port: samePort }),
      });
    let server = await start();
    const stop = folder.stopWith(() => server.stop());
    return {
      url: `redis://127.0.0.1:${server.port}`,
      kill: () => server.kill(),
      async restart() {
        server = await start(server.port);
      },
      freeze: () => server.freeze(),
      thaw: () => server.thaw(),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  });
}
