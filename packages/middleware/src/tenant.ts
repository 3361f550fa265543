import type { Principal } from "@infra/interfaces";

import { TenantRefusedError, TenantRequiredError, TenantUnknownError } from "./errors.js";
import { definePlugin, type Check, type NeutralPlugin, type WebRequest } from "./neutral.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Which tenant the request is for, of the plugin tenant. */
    tenantId: string | undefined;
  }
  interface FastifyContextConfig {
    /** Whether this route is for a tenant. */
    tenant?: "required" | "optional" | "none";
  }
}

/** Options of {@link tenant}. */
export interface TenantOptions {
  /**
   * Where the tenant's id is: in the first label of the host below a domain, in a header, in the principal, or who finds it.
   * From a list, the first that knows.
   */
  readonly from: TenantSource | readonly TenantSource[];
  /** Whether there is such a tenant. @default all there are */
  readonly exists?: (tenantId: string) => boolean | Promise<boolean>;
  /** For routes that don't say it themselves. @default "required" */
  readonly mode?: "required" | "optional";
}

/** See {@link TenantOptions.from}. */
export type TenantSource =
  | { readonly subdomainOf: string }
  | { readonly header: string }
  | "principal"
  | ((request: WebRequest) => string | undefined);

const acceptable = /^[\w.-]{1,128}$/;

function readerOf(source: TenantSource): (request: WebRequest) => string | undefined {
  if (typeof source === "function") return source;
  if (source === "principal") return (request) => principalOf(request)?.tenantId;
  if ("header" in source) {
    const name = source.header.toLowerCase();
    return ({ headers }) => (typeof headers[name] === "string" ? headers[name] : undefined);
  }
  const suffix = `.${source.subdomainOf.toLowerCase()}`;
  return ({ headers }) => {
    const host = (headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
    const label = host.endsWith(suffix) ? host.slice(0, -suffix.length) : "";
    return label === "" || label.includes(".") ? undefined : label;
  };
}

function create({ from, exists, mode = "required" }: TenantOptions): Check {
  const readers = [from].flat().map((source) => readerOf(source));
  return (request, _response, config) => {
    const wanted = config.tenant ?? mode;
    if (wanted === "none" || (request as { is404?: boolean }).is404) return undefined;
    let tenantId: string | undefined;
    for (const read of readers) tenantId ??= read(request);
    if (tenantId === undefined) {
      if (wanted === "optional") return undefined;
      throw new TenantRequiredError("the request does not say which tenant it is for");
    }
    const own = principalOf(request)?.tenantId;
    if (own !== undefined && own !== tenantId) {
      throw new TenantRefusedError("this is another tenant's");
    }
    const settle = (there: boolean): void => {
      if (!there) throw new TenantUnknownError("there is no such tenant");
      (request as { tenantId?: string }).tenantId = tenantId;
    };
    const there = acceptable.test(tenantId) && (exists?.(tenantId) ?? true);
    return typeof there === "boolean" ? settle(there) : there.then(settle);
  };
}

function principalOf(request: WebRequest): Principal | undefined {
  return (request as { principal?: Principal }).principal;
}

/** Finds out which tenant a request is for: `request.tenantId`. A principal of another tenant is refused. */
export const tenant: NeutralPlugin<TenantOptions> = definePlugin({
  name: "tenant",
  after: ["request-id", "access-log", "security-headers", "authentication"],
  request: ["tenantId"],
  create,
});
