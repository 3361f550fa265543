import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";

// Says which process the server is. Stops it when the standard input closes, which also happens when the process that
// started it is killed, and also when it is frozen. A client that has just said goodbye gets the time to be heard, before
// those who have not are cut off.
const supervise = `
exec 3<&0
"$@" </dev/null 4>&- & server=$!
echo $server >&4; exec 4>&-
(cat <&3 >/dev/null; kill -TERM $server; kill -CONT $server; sleep 0.5; kill -INT $server) >/dev/null 2>&1 &
wait $server`;

/** What {@link startServerProcess} runs. */
interface ServerCommand {
  /** What the server is called in errors. */
  readonly name: string;
  /** The program and its arguments, for a port of this machine. */
  readonly command: (port: number) => readonly string[];
  /** What the server writes once it accepts connections. */
  readonly ready: string;
  readonly spawn: Pick<SpawnOptions, "cwd" | "env" | "uid" | "gid">;
  readonly signal?: AbortSignal | undefined;
  /** @default a free one */
  readonly port?: number;
}

/** A server that runs. */
export interface ServerProcess {
  readonly port: number;
  /** Ends the server as a crash does, with SIGKILL, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops the server in its tracks, with SIGSTOP: it takes connections, and answers nothing. */
  freeze(): void;
  /** Lets a frozen server go on. */
  thaw(): void;
  /** Ends the server and resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a server on a free loopback port. It ends with `stop()` and with the process that started it, and does not
 * keep that process alive.
 */
export async function startServerProcess(server: ServerCommand): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    server.signal?.throwIfAborted();
    const port = server.port ?? (await freePort());
    const child = spawn("/bin/sh", ["-c", supervise, "sh", ...server.command(port)], {
      ...server.spawn,
      stdio: ["pipe", "pipe", "pipe", "ignore", "pipe"],
    });
    const told = text(child.stdio[4] as Readable).catch(() => "");
    const exited = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
    const failure = await untilReady(child, server);
    if (failure === undefined) {
      const pid = Number(await told);
      for (const part of [child, child.stdin, child.stdout, child.stderr]) {
        (part as { unref?(): void } | null)?.unref?.();
      }
      const stop = async (): Promise<void> => {
        child.ref();
        child.stdin?.end();
        await exited;
      };
      const signal = (name: NodeJS.Signals): void => void process.kill(pid, name);
      return {
        port,
        async kill() {
          signal("SIGKILL");
          await stop();
        },
        freeze: () => signal("SIGSTOP"),
        thaw: () => signal("SIGCONT"),
        stop,
      };
    }
    child.stdin?.end();
    await exited;
    server.signal?.throwIfAborted();
    // somebody else may have taken the port in between
    if (attempt === 3 || !/address already in use/i.test(failure)) {
      throw new Error(`${server.name}: the server did not start: ${failure}`);
    }
  }
}

/** Resolves with undefined once the server accepts connections, and with what it wrote when it will not. */
function untilReady(
  child: ChildProcess,
  { ready, signal }: ServerCommand,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let log = "";
    const settle = (failure: string | undefined): void => {
      for (const stream of [child.stdout, child.stderr]) stream?.off("data", read).resume();
      child.off("exit", failed).off("error", failed);
      signal?.removeEventListener("abort", failed);
      resolve(failure);
    };
    const failed = (): void => settle(log.trim() || "it wrote nothing");
    const read = (chunk: Buffer): void => {
      log += chunk.toString();
      if (log.includes(ready)) settle(undefined);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", read);
    child.once("exit", failed).once("error", failed);
    signal?.addEventListener("abort", failed, { once: true });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
