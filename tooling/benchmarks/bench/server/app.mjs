// A contestant of the bench server: says its address, then its CPU time whenever it is asked.
import { silentLogger } from "@infra/interfaces";
import { accessLog } from "@infra/middleware/access-log";
import { errorHandler } from "@infra/middleware/error-handler";
import { limits } from "@infra/middleware/limits";
import { requestId } from "@infra/middleware/request-id";
import { securityHeaders } from "@infra/middleware/security-headers";
import { validation } from "@infra/middleware/validation";
import { ServerManager } from "@infra/server";
import { fastify } from "fastify";

import { collectGarbage } from "./collect-garbage.mjs";

let lines = 0;
/** Takes every line and drops it: what a logger costs is not what is measured. */
const logger = {
  ...silentLogger,
  isEnabled: () => true,
  info: () => (lines += 1),
  child: () => logger,
};

const schema = {
  params: { type: "object", properties: { name: { type: "string", maxLength: 50 } } },
  response: { 200: { type: "object", properties: { hello: { type: "string" } } } },
};
const handler = (request) => ({ hello: request.params.name });

/** The bounds of @infra/server, so that both do the same. */
function plainFastify() {
  return fastify({
    http: { headersTimeout: 10_000, requestTimeout: 25_000, connectionsCheckingInterval: 1000 },
    requestTimeout: 25_000,
    keepAliveTimeout: 25_000,
    routerOptions: { maxParamLength: 256 },
  });
}

async function infra(options, deps) {
  const server = new ServerManager({ port: 0, ...options }, deps);
  server.get("/hello/:name", { schema }, handler);
  await server.start();
  return server.url;
}

async function plain(app) {
  app.get("/hello/:name", { schema }, handler);
  return app.listen({ port: 0, host: "127.0.0.1" });
}

const apps = {
  "fastify-bare": () => plain(plainFastify()),
  "infra-bare": () => infra({ requestId: false, securityHeaders: false }, {}),
  "fastify-plugins": async () => {
    const app = plainFastify();
    await app.register(requestId);
    await app.register(accessLog, { logger });
    await app.register(securityHeaders);
    await app.register(limits);
    await app.register(validation);
    await app.register(errorHandler);
    return plain(app);
  },
  "infra-plugins": () => infra({}, { logger }),
};

const url = await apps[process.argv[2]]();
process.on("message", () => process.send(process.cpuUsage()));
process.on("disconnect", () => process.exit());
// Node.js 20: the first full collection may make process.nextTick ten times slower, or not, as luck has it
collectGarbage();
process.send({ url });
