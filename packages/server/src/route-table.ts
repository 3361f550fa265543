import { routeMiddleware } from "@infra/middleware/order";
import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route is called, once in an application: `server.urlFor("notes.show", { id: 7 })`. */
    name?: string;
  }
}

/** A route, as `RouteTable.list` tells of it. */
export interface RouteEntry {
  readonly method: string;
  readonly url: string;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  /** The plugins of `@infra/middleware` that its requests pass through, in their order. */
  readonly middleware: readonly string[];
}

type Values = Readonly<Record<string, string | number | boolean>>;

/** The routes of an application, by name and in a list. */
export class RouteTable {
  readonly #fastify: FastifyInstance;
  readonly #routes: Omit<RouteEntry, "middleware">[] = [];
  readonly #urls = new Map<string, string>();

  constructor(fastify: FastifyInstance) {
    this.#fastify = fastify;
    fastify.addHook("onRoute", ({ method, url, config, constraints }) => {
      const version = (constraints as { version?: string } | undefined)?.version;
      const name = config?.name;
      for (const each of [method].flat()) {
        this.#routes.push({ method: each, url, name, version });
      }
      if (name === undefined) return;
      const there = this.#urls.get(name);
      // GET brings HEAD with it, and a route may have several versions
      if (there !== undefined && there !== url) {
        throw new TypeError(
          `two routes are called ${JSON.stringify(name)}: ${there} and ${url}; a name is for one`,
        );
      }
      this.#urls.set(name, url);
    });
  }

  /**
   * The path of a named route: parameters are encoded, `undefined` ones of the query left out.
   *
   * @throws RangeError when no route has the name; TypeError when a parameter is missing.
   */
  urlFor(
    name: string,
    params: Values = {},
    query: Readonly<Record<string, Values[string] | undefined>> = {},
  ): string {
    const pattern = this.#urls.get(name);
    if (pattern === undefined) {
      const known = [...this.#urls.keys()].join(", ") || "none";
      throw new RangeError(`no route is called ${JSON.stringify(name)}; there are: ${known}`);
    }
    const valueOf = (key: string, optional: boolean): string => {
      const value = params[key];
      if (value !== undefined && value !== "") return String(value);
      if (optional) return "";
      throw new TypeError(`the route ${name} (${pattern}) needs the parameter ${key}`);
    };
    const path = pattern
      .replaceAll(
        /(\/?):(\w+)(\([^)]*\))?(\?)?/g,
        (_all, slash: string, key: string, _e, optional) => {
          const value = valueOf(key, optional !== undefined);
          return value === "" ? "" : slash + encodeURIComponent(value);
        },
      )
      // a wildcard is a path of its own
      .replace("*", () => valueOf("*", true).split("/").map(encodeURIComponent).join("/"));
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) search.append(key, String(value));
    }
    return `${path === "" ? "/" : path}${search.size > 0 ? `?${search.toString()}` : ""}`;
  }

  /** Every route, in the order in which they were added; HEAD only where a route is for it alone. */
  list(): readonly RouteEntry[] {
    const middleware = new Map(
      routeMiddleware(this.#fastify).map((each) => [`${each.method} ${each.url}`, each.middleware]),
    );
    const gets = new Set(
      this.#routes.filter(({ method }) => method === "GET").map(({ url }) => url),
    );
    return this.#routes
      .filter(({ method, url }) => method !== "HEAD" || !gets.has(url))
      .map(({ method, url, name, version }) => ({
        method,
        url,
        name,
        version,
        middleware: middleware.get(`${method} ${url}`) ?? [],
      }));
  }

  /** `RouteTable.list` as a table of text. */
  print(): string {
    const rows = this.list().map(({ method, url, name = "", version = "", middleware }) => [
      method,
      url,
      name,
      version,
      middleware.join(" > "),
    ]);
    const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...rows.map((row) => row[at]!.length)));
    return rows
      .map((row) =>
        row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .filter((_cell, at) => widths[at] !== 0)
          .join("  ")
          .trimEnd(),
      )
      .join("\n");
  }
}
