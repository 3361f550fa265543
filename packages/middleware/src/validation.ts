import { InternalError, ValidationError, type ValidationIssue } from "@infra/errors";
import type { SchemaIssue, SchemaResult, StandardSchema } from "@infra/interfaces";
import type {
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  FastifyTypeProvider,
  RouteOptions,
} from "fastify";
import fp from "fastify-plugin";

import type { Check, NeutralPlugin, WebRequest } from "./neutral.js";
import { goOn, withNeutral } from "./neutral.js";
import { place } from "./order.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The Standard Schemas of the route, moved here by the plugin validation from its `schema`. */
    standardSchemas?: StandardSchemas;
  }
  interface FastifySchema {
    /** For the plugin validation: `request.cookies`, of the plugin cookies. */
    cookies?: unknown;
  }
}

/** A schema for each part of a request, of any library that speaks Standard Schema (Zod, Valibot, ArkType). */
export interface StandardSchemas {
  readonly body?: StandardSchema;
  readonly params?: StandardSchema;
  readonly querystring?: StandardSchema;
  readonly headers?: StandardSchema;
  readonly cookies?: StandardSchema;
  /** By status: `200`, `"2xx"`, `default`. */
  readonly response?: Readonly<Record<string, StandardSchema>>;
}

/** Types a handler's request by the Standard Schemas of its route: `app.withTypeProvider<StandardSchemaTypeProvider>()`. */
export interface StandardSchemaTypeProvider extends FastifyTypeProvider {
  readonly validator: OutputOf<this["schema"]>;
  readonly serializer: InputOf<this["schema"]>;
}

type OutputOf<Schema> = Schema extends {
  readonly "~standard": { readonly types?: infer Types };
}
  ? NonNullable<Types> extends { readonly output: infer Output }
    ? Output
    : unknown
  : unknown;

type InputOf<Schema> = Schema extends {
  readonly "~standard": { readonly types?: infer Types };
}
  ? NonNullable<Types> extends { readonly input: infer Input }
    ? Input
    : unknown
  : unknown;

const parts = ["params", "querystring", "headers", "cookies", "body"] as const;

type Part = (typeof parts)[number];

/** How a part is called in an issue's path, and in the request. */
const names: Readonly<Record<Part, string>> = {
  params: "params",
  querystring: "query",
  headers: "headers",
  cookies: "cookies",
  body: "body",
};

/** Whether a value is a Standard Schema. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  // ArkType's schemas are functions
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as { "~standard"?: { validate?: unknown } })["~standard"];
  return typeof standard?.validate === "function";
}

function toIssue(part: string, { message, path = [] }: SchemaIssue): ValidationIssue {
  const steps = path.map((step) => {
    const key = typeof step === "object" ? step.key : step;
    return typeof key === "symbol" ? String(key) : key;
  });
  return { path: [part, ...steps], message };
}

type Parsed = Partial<Record<Part, unknown>>;

/** Checks every part, tells of all the mistakes at once, and gives what the schemas made of it. */
function validate(
  request: WebRequest,
  schemas: Omit<StandardSchemas, "response">,
): Parsed | Promise<Parsed> {
  const wanted = parts.filter((part) => schemas[part] !== undefined);
  const given = request as unknown as Readonly<Record<string, unknown>>;
  const answers = wanted.map((part) => schemas[part]!["~standard"].validate(given[names[part]]));
  const settle = (results: readonly SchemaResult<unknown>[]): Parsed => {
    const parsed: Parsed = {};
    const issues: ValidationIssue[] = [];
    for (const [at, result] of results.entries()) {
      const part = wanted[at]!;
      if (result.issues) issues.push(...result.issues.map((each) => toIssue(names[part], each)));
      else parsed[part] = result.value;
    }
    if (issues.length > 0) throw new ValidationError("the request is not valid", { issues });
    return parsed;
  };
  const results = answers.filter(
    (answer): answer is SchemaResult<unknown> => !(answer instanceof Promise),
  );
  if (results.length === answers.length) return settle(results);
  return Promise.all(answers.map((answer) => Promise.resolve(answer))).then(settle);
}

function assign(request: WebRequest, parsed: Parsed): void {
  for (const [part, value] of Object.entries(parsed)) {
    // headers stay what was sent: others read them too
    if (part === "headers") continue;
    // Express's request.query is a getter without a setter
    Object.defineProperty(request, names[part as Part], {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}

/** Takes the Standard Schemas out of a route's `schema`: what is left is JSON Schema, and Fastify's. */
function takeSchemas(route: RouteOptions): StandardSchemas {
  const schema = { ...(route.schema as Record<string, unknown> | undefined) };
  const taken: Record<string, unknown> = {};
  for (const part of parts) {
    const name = part === "querystring" && schema["query"] !== undefined ? "query" : part;
    if (!isStandardSchema(schema[name])) continue;
    taken[part] = schema[name];
    delete schema[name];
  }
  const { response } = schema as { response?: Readonly<Record<string, unknown>> };
  const standard = Object.entries(response ?? {}).filter(([, each]) => isStandardSchema(each));
  if (standard.length > 0) {
    taken["response"] = Object.fromEntries(standard);
    const rest = Object.entries(response!).filter(([, each]) => !isStandardSchema(each));
    schema["response"] = Object.fromEntries(rest);
  }
  if (Object.keys(taken).length > 0) {
    route.schema = schema;
    route.config = { ...route.config, standardSchemas: taken };
  }
  return taken;
}

/** Makes of an answer what its schema makes of it: what that has no place for is not sent. */
function addResponseCheck(
  route: RouteOptions,
  schemas: Readonly<Record<string, StandardSchema>>,
): void {
  const check = async (_request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    const status = String(reply.statusCode);
    const schema = schemas[status] ?? schemas[`${status[0]}xx`] ?? schemas["default"];
    const result = await schema?.["~standard"].validate(payload);
    if (!result) return payload;
    if (!result.issues) return result.value;
    const issues = result.issues.map((issue) => toIssue("response", issue));
    throw new InternalError("the answer is not what its schema says", { details: { issues } });
  };
  route.preSerialization = [route.preSerialization ?? [], check].flat() as never;
}

const plugin: FastifyPluginAsync = async (fastify) => {
  place(fastify, "validation");
  fastify.addHook("onRoute", (route) => {
    const taken = takeSchemas(route);
    if (taken.response) addResponseCheck(route, taken.response);
    if (!parts.some((part) => taken[part])) return;
    const hook = (
      request: FastifyRequest,
      _reply: unknown,
      next: (error?: Error) => void,
    ): void => {
      try {
        const parsed = validate(request, taken);
        if (parsed instanceof Promise) {
          void goOn(
            parsed.then((values) => assign(request, values)),
            next,
          );
          return;
        }
        assign(request, parsed);
      } catch (error) {
        next(error as Error);
        return;
      }
      next();
    };
    // after the hooks of others: they may fill in cookies
    route.preValidation = [route.preValidation ?? [], hook].flat() as never;
  });
};

/** Options of {@link validation} on Express, where a route has its own middleware. */
export interface ValidationOptions {
  /** @default nothing */
  readonly schema?: Omit<StandardSchemas, "response">;
}

/**
 * Validates `body`, `params`, `querystring`, `headers` and `cookies` of a route's `schema` where they are Standard Schemas;
 * JSON Schema stays Fastify's. The handler gets what the schema made of it; every mistake is told at once, with a pointer.
 */
export const validation: NeutralPlugin<ValidationOptions> = withNeutral(
  fp(plugin, {
    name: "@infra/middleware/validation",
    fastify: "5.x",
  }) as FastifyPluginAsync<ValidationOptions>,
  ({ schema = {} }): Check => {
    return (request) => {
      const parsed = validate(request, schema);
      if (parsed instanceof Promise) return parsed.then((values) => assign(request, values));
      assign(request, parsed);
      return undefined;
    };
  },
);
