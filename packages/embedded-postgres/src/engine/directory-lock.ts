import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { EmbeddedPostgresLockedError } from "../errors.js";
import { errorResponse } from "../protocol/messages.js";

const socketName = ".s.PGSQL.5432";

// 108 bytes on Linux and 104 on macOS, with the zero byte at the end
const maxSocketPath = 103;

// How long a takeover may last before it counts as abandoned; it takes milliseconds.
const takeoverMs = 10_000;

/**
 * The right to be the only one who opens a directory: a Unix socket in it that is listened to. It ends with the process,
 * `kill -9` included, and is where other processes connect.
 */
export class DirectoryLock {
  /** What to give a client as `host`: the directory, or a short way to it where its path is too long for a socket. */
  readonly socketDirectory: string;
  readonly #directory: string;
  readonly #server: Server;

  private constructor(directory: string, socketDirectory: string, server: Server) {
    this.#directory = directory;
    this.socketDirectory = socketDirectory;
    this.#server = server;
  }

  /**
   * Takes the lock; a socket that nobody listens to any more is taken over.
   *
   * @throws EmbeddedPostgresLockedError when the directory is in use, naming the process.
   */
  static async acquire(directory: string): Promise<DirectoryLock> {
    const socketDirectory = shortWay(directory);
    try {
      const server = await listenOrTakeOver(directory, socketPath(socketDirectory));
      return new DirectoryLock(directory, socketDirectory, server);
    } catch (error) {
      removeShortWay(directory, socketDirectory);
      throw error;
    }
  }

  /** Calls back for each process that connects. */
  onConnection(accept: (socket: Socket) => void): void {
    this.#server.removeAllListeners("connection").on("connection", accept);
  }

  /** Gives the directory free. Connections that are open stay open. */
  release(): void {
    rmSync(join(this.#directory, ownerFile), { force: true });
    // closes the socket and removes it, at once
    this.#server.close();
    removeShortWay(this.#directory, this.socketDirectory);
  }
}

const ownerFile = "owner.pid";

/** Windows has named pipes instead: they vanish with the process, and live in a folder of their own. */
function socketPath(directory: string): string {
  if (process.platform !== "win32") return join(directory, socketName);
  const id = createHash("sha256").update(directory.toLowerCase()).digest("hex").slice(0, 32);
  return `\\\\.\\pipe\\infra-postgres-${id}`;
}

async function listenOrTakeOver(directory: string, socket: string): Promise<Server> {
  const guard = join(directory, "takeover");
  for (;;) {
    try {
      return await listen(directory, socket);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
    if (await answers(socket)) throw await inUse(directory);
    // one at a time: a second one would remove the socket that the first has just made
    if (!enter(guard)) {
      await delay(20);
      continue;
    }
    try {
      if (await answers(socket)) throw await inUse(directory);
      rmSync(join(directory, socketName), { force: true });
      return await listen(directory, socket);
    } finally {
      rmSync(guard, { force: true });
    }
  }
}

function listen(directory: string, path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(tellToWait);
    server.once("error", reject);
    // exclusive: in a worker of node:cluster the socket would be shared with the others
    server.listen({ path, exclusive: true }, () => {
      server.off("error", reject).unref();
      writeFileSync(join(directory, ownerFile), String(process.pid));
      // it lets in whoever can write to it, without a password
      if (process.platform !== "win32") chmodSync(path, 0o600);
      resolve(server);
    });
  });
}

/** Answers whoever connects before the database is open, unless it only looks whether somebody is there. */
function tellToWait(socket: Socket): void {
  const message = "the database system is starting up";
  socket.on("error", () => {});
  socket.once("data", () => {
    socket.end(errorResponse({ severity: "FATAL", code: "57P03", message }));
  });
}

/** Whether somebody listens. Only a refusal says that nobody does: a busy owner may not have the time to answer. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

function enter(guard: string): boolean {
  try {
    writeFileSync(guard, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const since = statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > takeoverMs) rmSync(guard, { force: true });
    return false;
  }
}

async function inUse(directory: string): Promise<Error> {
  let pid = NaN;
  // the owner writes its name down right after it has taken the lock
  for (let attempt = 0; attempt < 10 && !(pid > 0); attempt += 1) {
    if (attempt > 0) await delay(20);
    try {
      pid = Number(readFileSync(join(directory, ownerFile), "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  const who = pid === process.pid ? "this process" : pid > 0 ? `process ${pid}` : "another process";
  return new EmbeddedPostgresLockedError(
    `The directory ${directory} is in use by ${who}; close it there, or connect to it with host: ${JSON.stringify(directory)}`,
    { details: { directory, ...(pid > 0 && { pid }) } },
  );
}

/** A way to the directory that leaves room for the socket's name: itself, or a link in a temporary folder. */
function shortWay(directory: string): string {
  if (process.platform === "win32") return directory;
  if (Buffer.byteLength(join(directory, socketName)) <= maxSocketPath) return directory;
  const link = join(mkdtempSync(join(tmpdir(), "pg-")), "d");
  symlinkSync(directory, link);
  return link;
}

function removeShortWay(directory: string, socketDirectory: string): void {
  if (socketDirectory === directory) return;
  rmSync(join(socketDirectory, ".."), { recursive: true, force: true });
}
