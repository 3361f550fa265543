import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startServerProcess } from "./server-process.js";

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
  /** Stops the server and removes its folder; idempotent. */
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
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const settings = { save: "", appendonly: "no", ...options.settings };
    const server = await startServerProcess({
      name: "startRedis",
      command: (port) => [
        program,
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        folder,
        ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      ready: "Ready to accept connections",
      spawn: { cwd: folder, env: { PATH: "/usr/bin:/bin" } },
      signal: options.signal,
    });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopped ??= server.stop().then(remove));
    return { url: `redis://127.0.0.1:${server.port}`, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
