import { importPeer } from "@infra/errors";
import type { StandardSchema } from "@infra/interfaces";
import type { StandardSchemas } from "@infra/middleware/validation";
import type { FastifyInstance, FastifySchema } from "fastify";

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

/** A schema that can say what it is as JSON Schema: the counterpart of Standard Schema for that. */
interface JsonSchemaSource {
  readonly "~standard": {
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Readonly<Record<string, unknown>>;
      readonly output: (options: { readonly target: string }) => Readonly<Record<string, unknown>>;
    };
  };
}

function described(source: StandardSchema, direction: "input" | "output"): object {
  const { jsonSchema } = (source as unknown as JsonSchemaSource)["~standard"];
  // a library that can't tell: anything
  if (!jsonSchema) return {};
  const { $schema: _dialect, ...rest } = jsonSchema[direction]({ target: "draft-07" });
  return rest;
}

/** A route's schema with the parts that the plugin validation has taken over, for the document alone. */
function withStandardSchemas(
  schema: FastifySchema,
  taken: StandardSchemas | undefined,
): FastifySchema {
  if (!taken) return schema;
  const { response = {}, ...parts } = taken;
  const all: Record<string, unknown> = { ...schema };
  for (const [part, source] of Object.entries(parts)) all[part] = described(source, "input");
  if (Object.keys(response).length > 0) {
    all["response"] = {
      ...(schema?.response as object | undefined),
      ...Object.fromEntries(
        Object.entries(response).map(([status, source]) => [
          status,
          { description: "Default Response", ...described(source, "output") },
        ]),
      ),
    };
  }
  return all;
}

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
    transform: ({ schema, url, route }) => ({
      schema: withStandardSchemas(schema, route.config?.standardSchemas),
      url,
    }),
  });
  await fastify.register(ui.default, {
    routePrefix: path,
    staticCSP: pagePolicy,
    uiConfig: { validatorUrl: null },
  });
}
