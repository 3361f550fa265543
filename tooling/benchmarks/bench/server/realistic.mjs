// node realistic.mjs NAME LOG-FILE: params, a validated body, a JWT, a request id, security headers, one log line.
import { randomUUID } from "node:crypto";

import { collectGarbage } from "./collect-garbage.mjs";
import { answer, path, schema } from "./note.mjs";
import { bearerOf, claims, createToken, secret, userOf } from "./token.mjs";

const [name, file] = process.argv.slice(2);

/** What a line says, on every side. */
function lineOf(request, reply, elapsedMs) {
  return {
    method: request.method,
    path: request.url,
    route: path,
    status: reply.statusCode,
    elapsedMs: Math.round(elapsedMs * 100) / 100,
    bytes: Number(reply.getHeader("content-length")),
    ip: request.ip,
    requestId: request.id,
  };
}

/** The bounds of @infra/server. */
const bounds = {
  http: { headersTimeout: 10_000, requestTimeout: 25_000, connectionsCheckingInterval: 1000 },
  requestTimeout: 25_000,
  keepAliveTimeout: 25_000,
  routerOptions: { maxParamLength: 256 },
  genReqId: () => randomUUID(),
};

async function pinoLogger() {
  const { default: pino } = await import("pino");
  return pino({ timestamp: pino.stdTimeFunctions.isoTime, base: null }, pino.destination(file));
}

/** A module is what its decorator says. */
function AppModule() {}

const apps = {
  /** Fastify with its usual plugins, and pino. */
  async fastify() {
    const { fastify, LogController } = await import("fastify");
    const { default: helmet } = await import("@fastify/helmet");
    const app = fastify({
      ...bounds,
      loggerInstance: await pinoLogger(),
      logController: new LogController({ disableRequestLogging: true }),
    });
    await app.register(helmet);
    app.decorateRequest("user", undefined);
    app.addHook("onRequest", async (request, reply) => {
      reply.header("x-request-id", request.id);
      request.user = await userOf(bearerOf(request));
      if (request.user === undefined) await reply.code(401).send({ error: "unauthenticated" });
    });
    app.addHook("onResponse", (request, reply, next) => {
      request.log.info(lineOf(request, reply, reply.elapsedTime), "request");
      next();
    });
    app.post(path, { schema }, async (request) =>
      answer(request.params.id, request.body, request.user),
    );
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    return { url, token: await createToken() };
  },

  async "@infra/server"() {
    const { LoggerService } = await import("@infra/logging");
    const { authentication } = await import("@infra/middleware/authentication");
    const { TokenService } = await import("@infra/security");
    const { ServerManager } = await import("@infra/server");
    const logger = new LoggerService({ console: false, file });
    const server = new ServerManager({ port: 0 }, { logger });
    const tokens = new TokenService({ ...claims, key: secret.toString("base64") });
    const authenticator = {
      async authenticate({ value }) {
        try {
          const { sub } = await tokens.verify(value);
          return { id: sub, roles: [] };
        } catch {
          return undefined;
        }
      },
    };
    server.register(authentication, { authenticator, schemes: ["bearer"] });
    server.post(path, { schema }, async (request) =>
      answer(request.params.id, request.body, request.principal.id),
    );
    await server.start();
    return { url: server.url, token: await tokens.sign({ sub: "ada" }, { expiresIn: "1h" }) };
  },

  /** NestJS on Fastify: a guard, a pipe and an interceptor of its own. */
  async nestjs() {
    await import("reflect-metadata");
    const nest = await import("@nestjs/common");
    const { NestFactory } = await import("@nestjs/core");
    const { FastifyAdapter } = await import("@nestjs/platform-fastify");
    const { default: helmet } = await import("@fastify/helmet");
    const { tap } = await import("rxjs");
    const log = await pinoLogger();

    class TokenGuard {
      async canActivate(context) {
        const request = context.switchToHttp().getRequest();
        request.user = await userOf(bearerOf(request));
        if (request.user === undefined) throw new nest.UnauthorizedException();
        return true;
      }
    }
    class NotePipe {
      // by hand, which is quicker than class-validator
      transform(value) {
        const { title, tags = [], done = false, ...rest } = value;
        const valid =
          typeof title === "string" &&
          title.length > 0 &&
          title.length <= 200 &&
          Array.isArray(tags) &&
          tags.every((tag) => typeof tag === "string") &&
          typeof done === "boolean" &&
          Object.keys(rest).length === 0;
        if (!valid) throw new nest.BadRequestException();
        return value;
      }
    }
    class LineInterceptor {
      intercept(context, next) {
        const request = context.switchToHttp().getRequest();
        const reply = context.switchToHttp().getResponse();
        const startedAt = performance.now();
        reply.header("x-request-id", request.id);
        reply.raw.once("close", () =>
          log.info(lineOf(request, reply, performance.now() - startedAt), "request"),
        );
        return next.handle().pipe(tap(() => {}));
      }
    }
    class NoteController {
      create(id, note, request) {
        return answer(id, note, request.user);
      }
    }
    const method = NoteController.prototype;
    const descriptor = Object.getOwnPropertyDescriptor(method, "create");
    nest.Param("id", new nest.ParseIntPipe())(method, "create", 0);
    nest.Body(new NotePipe())(method, "create", 1);
    nest.Req()(method, "create", 2);
    nest.HttpCode(200)(method, "create", descriptor);
    nest.Post(path)(method, "create", descriptor);
    nest.UseGuards(TokenGuard)(NoteController);
    nest.UseInterceptors(LineInterceptor)(NoteController);
    nest.Controller()(NoteController);
    nest.Module({ controllers: [NoteController] })(AppModule);
    const app = await NestFactory.create(AppModule, new FastifyAdapter(bounds), { logger: false });
    await app.register(helmet);
    await app.listen(0, "127.0.0.1");
    return { url: await app.getUrl(), token: await createToken() };
  },
};

const ready = await apps[name]();
process.on("message", () => process.send(process.cpuUsage()));
process.on("disconnect", () => process.exit());
// as in app.mjs
collectGarbage();
process.send(ready);
