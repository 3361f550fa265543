// The engine's thread: ThreadHost starts this file as a worker.
import { parentPort, workerData, type MessagePort } from "node:worker_threads";

import { Engine } from "./engine/engine.js";
import type { Session } from "./engine/session.js";
import {
  asBuffer,
  detached,
  toPlain,
  type FromThread,
  type ThreadData,
  type ToThread,
} from "./thread-messages.js";

/** Opens an engine and serves it over a port. */
async function serve(port: MessagePort, { settings }: ThreadData): Promise<void> {
  const say = (message: FromThread, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  const sessions = new Map<number, Session>();
  const engine = await Engine.open(settings, {
    progress: (progress) => say({ kind: "progress", progress }),
    log: (line) => say({ kind: "log", line }),
    warning: (error) => say({ kind: "warning", error: toPlain(error) }),
    failed: (error) => say({ kind: "failed", error: toPlain(error) }),
  }).catch((error: unknown) => say({ kind: "not-opened", error: toPlain(error) }));
  if (!engine) return;

  const connect = (id: number): void => {
    const session = engine.connect({
      data(bytes) {
        const own = detached(bytes);
        say({ kind: "data", id, bytes: own }, [own.buffer]);
      },
      end() {
        sessions.delete(id);
        say({ kind: "end", id });
      },
    });
    if (!session.closed) sessions.set(id, session);
  };

  port.on("message", (message: ToThread) => {
    if (message.kind === "connect") connect(message.id);
    else if (message.kind === "data") sessions.get(message.id)?.write(asBuffer(message.bytes));
    else if (message.kind === "end") sessions.get(message.id)?.end();
    else if (message.kind === "dump") {
      const { id } = message;
      engine.dump(message.args).then(
        (sql) => say({ kind: "dumped", id, sql }),
        (error: unknown) => say({ kind: "not-dumped", id, error: toPlain(error) }),
      );
    } else {
      void engine
        .close()
        .then(() => say({ kind: "closed" }))
        .catch((error: unknown) => say({ kind: "closed", error: toPlain(error) }))
        .finally(() => port.close());
    }
  });
  say({
    kind: "opened",
    version: engine.version,
    ...(engine.socketDirectory !== undefined && { socketDirectory: engine.socketDirectory }),
  });
}

if (parentPort) await serve(parentPort, workerData as ThreadData);
