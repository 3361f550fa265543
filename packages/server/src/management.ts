import { errorHandler } from "@infra/middleware/error-handler";
import { fastify, type FastifyInstance } from "fastify";

/** A small server of its own for what is not for clients: plain HTTP, bounded, closed at once. */
export class ManagementServer {
  readonly fastify: FastifyInstance;

  constructor() {
    this.fastify = fastify({
      http: { headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 1000 },
      requestTimeout: 5000,
      keepAliveTimeout: 25_000,
      bodyLimit: 1024,
      forceCloseConnections: true,
    });
    this.fastify.register(errorHandler);
  }

  /** Listens; the address that it is at. */
  listen(host: string, port: number): Promise<string> {
    return this.fastify.listen({ host, port });
  }

  async close(): Promise<void> {
    await this.fastify.close();
  }
}
