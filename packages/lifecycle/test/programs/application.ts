// An application as users have it, for process.test.ts: what it does beside is said by its arguments.
import { createServer } from "node:http";

import type { ErrorReporter, Managed, ManagedService } from "@infra/interfaces";

import { ApplicationLifecycle } from "../../src/index.js";

const does = new Set(process.argv.slice(2));
const database: Managed = {
  async stop() {
    if (does.has("hang-database")) await new Promise(() => {});
    console.log("database stopped");
  },
};
const created: readonly ManagedService[] = [
  { name: "database", service: database, dependencies: [] },
];
const container = {
  provide() {},
  created: () => created,
  managed: () => created,
  verify() {},
};
(globalThis as Record<symbol, unknown>)[Symbol.for("infra.container")] = container;

const errorReporter: ErrorReporter = {
  report: (error, context) => console.log("reported", String(error), context?.["origin"]),
};
const lifecycle = new ApplicationLifecycle(
  { shutdownTimeout: does.has("short") ? "500ms" : "5s" },
  { errorReporter },
);
const server = createServer((_request, response) => {
  console.log("request");
  // or the client keeps the connection, and with it the server, for some seconds more
  response.setHeader("connection", "close");
  setTimeout(() => response.end("answered"), 200);
});
lifecycle.registerStartupHook("http-server", async () => {
  console.log("starting");
  if (does.has("fail")) throw new Error("no port");
  if (does.has("hang-start")) await new Promise((resolve) => setTimeout(resolve, 60_000));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
lifecycle.registerShutdownHook("http-server", async () => {
  if (does.has("hang")) await new Promise(() => {});
  await new Promise((resolve) => server.close(resolve));
  console.log("server closed");
});
if (does.has("leak")) setInterval(() => {}, 1000);

await lifecycle.startup();
const address = server.address();
console.log(`listening ${typeof address === "object" ? address?.port : ""}`);
if (does.has("throw")) {
  setTimeout(() => {
    throw new Error("nobody caught this");
  });
}
if (does.has("reject")) void Promise.reject(new Error("nobody awaited this"));
