import { importPeer } from "@infra/errors";
import type { FastifyInstance } from "fastify";

declare module "fastify" {
  // The words that @fastify/swagger reads in a route's schema, for those who have it installed or not.
  interface FastifySchema {
    /** Keeps the route out of the OpenAPI document. */
    hide?: boolean;
    deprecated?: boolean;
    tags?: readonly string[];
    summary?: string;
    description?: string;
    operationId?: string;
  }
}

/** Options of the OpenAPI document and its page. */
export interface OpenApiOptions {
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description?: string;
  };
  /** Where the page is; the document is at `<path>/json` and `<path>/yaml`. @default "/docs" */
  readonly path?: string;
  /** More of the document: `servers`, `components`, `security`, `tags`, `externalDocs`. */
  readonly document?: Readonly<Record<string, unknown>>;
}

/** All that the page needs comes from this server: it works offline. */
const pagePolicy =
  "default-src 'none'; base-uri 'none'; connect-src 'self'; font-src 'self'; form-action 'self'; " +
  "frame-ancestors 'none'; img-src 'self' data:; script-src 'self'; style-src 'self'";

const needs = { for: "the option openapi", install: "@fastify/swagger @fastify/swagger-ui" };

/**
 * Describes the routes that are added after it.
 *
 * @throws PeerMissingError (`ERR_PEER_MISSING`) when @fastify/swagger or @fastify/swagger-ui is not installed.
 */
export async function addOpenApi(fastify: FastifyInstance, options: OpenApiOptions): Promise<void> {
  const { info, path = "/docs", document } = options;
  const swagger = await importPeer("@fastify/swagger", () => import("@fastify/swagger"), needs);
  const ui = await importPeer("@fastify/swagger-ui", () => import("@fastify/swagger-ui"), needs);
  await fastify.register(swagger.default, {
    openapi: { ...document, info },
  });
  await fastify.register(ui.default, {
    routePrefix: path,
    staticCSP: pagePolicy,
    uiConfig: { validatorUrl: null },
  });
}
