import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ServerManager, type ServerDependencies, type ServerOptions } from "@infra/server";

/** What to take back after a test, the last first. */
export const undo: (() => unknown)[] = [];

/** `afterEach(cleanUp)`. */
export async function cleanUp(): Promise<void> {
  for (const each of undo.splice(0).toReversed()) await each();
}

/** A server on a free port, stopped after the test. */
export function createServerManager(options: ServerOptions = {}, deps: ServerDependencies = {}) {
  const server = new ServerManager({ port: 0, ...options }, deps);
  undo.push(() => server.stop());
  return server;
}

/** A folder, removed after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "infra-server-"));
  undo.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Sends a request and reads its answer whole. */
export async function answerOf(request: ClientRequest) {
  const [response] = (await once(request.end(), "response")) as [IncomingMessage];
  const chunks: Buffer[] = await response.toArray();
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
