import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { inServerFolder } from "./server-folder.js";
import { startServerProcess } from "./server-process.js";

const run = promisify(execFile);

/** Options of {@link startMysql}. */
export interface StartMysqlOptions {
  /** The program `mariadbd` or `mysqld`. @default what {@link findMysql} finds */
  readonly program?: string | undefined;
  /** Server settings, as on the command line: `{ "max-connections": "20" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Gives up starting, and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
}

/** A MariaDB or MySQL server of one's own: an empty database `test`, on a free loopback port, in a temporary folder. */
export interface MysqlServer extends AsyncDisposable {
  /** `mysql://root@127.0.0.1:<port>/test`, without a password. */
  readonly url: string;
  /** Stops the server and removes its folder; idempotent. */
  stop(): Promise<void>;
}

const folders = [
  "/usr/sbin",
  "/usr/bin",
  "/usr/local/bin",
  "/usr/local/mysql/bin",
  "/opt/homebrew/bin",
];

/** The program `mariadbd` (or `mysqld`) of this machine; `undefined` when there is none. */
export function findMysql(): string | undefined {
  return ["mariadbd", "mysqld"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((program) => existsSync(program));
}

/**
 * Starts a MariaDB or MySQL server, empty, in a few seconds. The server ends with {@link MysqlServer.stop}, and also with
 * the process that started it; it does not keep that process alive.
 *
 * @throws an error that says what to install when the program is not found.
 */
export async function startMysql(options: StartMysqlOptions = {}): Promise<MysqlServer> {
  const program = options.program ?? findMysql();
  if (program === undefined) {
    throw new Error(
      "startMysql: found no mariadbd or mysqld on this machine; install MariaDB (Debian: apt install mariadb-server) or pass { program }",
    );
  }
  const { signal } = options;
  const searchPath = "/usr/sbin:/usr/bin:/sbin:/bin";
  return inServerFolder({ name: "mysql", searchPath, signal }, async (folder) => {
    const data = join(folder.path, "data");
    const [initialise, given] = initialisation(program, data, folder.path);
    await run(initialise, given, { ...folder.spawn, signal });
    // a test server may lose its data with the machine, though not with its process
    const settings = {
      "innodb-flush-log-at-trx-commit": "2",
      "innodb-buffer-pool-size": "32M",
      ...options.settings,
    };
    const server = await startServerProcess({
      name: "startMysql",
      command: (port) => [
        program,
        "--no-defaults",
        `--datadir=${data}`,
        `--socket=${join(folder.path, "s")}`,
        `--pid-file=${join(folder.path, "pid")}`,
        "--bind-address=127.0.0.1",
        `--port=${port}`,
        ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ],
      ready: "ready for connections",
      spawn: folder.spawn,
      signal,
    });
    const stop = folder.stopWith(() => server.stop());
    return {
      url: `mysql://root@127.0.0.1:${server.port}/test`,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  });
}

/** What makes the folder of a server; both leave root without a password and a database `test`. */
function initialisation(
  program: string,
  data: string,
  folder: string,
): readonly [program: string, given: readonly string[]] {
  const script = folders
    .map((each) => join(each, "mariadb-install-db"))
    .find((each) => existsSync(each));
  if (program.endsWith("mariadbd") && script !== undefined) {
    const given = ["--no-defaults", `--datadir=${data}`, `--tmpdir=${folder}`];
    return [script, [...given, "--auth-root-authentication-method=normal"]];
  }
  const sql = join(folder, "init.sql");
  writeFileSync(sql, "create database if not exists test;\n");
  return [
    program,
    ["--no-defaults", "--initialize-insecure", `--datadir=${data}`, `--init-file=${sql}`],
  ];
}
