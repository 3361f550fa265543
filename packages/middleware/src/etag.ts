import { importPeer } from "@infra/errors";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import { PreconditionFailedError, PreconditionRequiredError } from "./errors.js";
import { place } from "./order.js";

declare module "fastify" {
  interface FastifyRequest {
    /**
     * Holds a change against the version that the client has seen, `If-Match` (RFC 9110, 13.1.1), of the plugin etag.
     *
     * @param current the resource's entity tag; `undefined` when there is no such resource.
     * @throws PreconditionFailedError (412), or PreconditionRequiredError (428) when `required` and the client says none.
     */
    checkMatch: (current: string | undefined, options?: { readonly required?: boolean }) => void;
  }
}

/** Options of {@link etag}. */
export interface EtagOptions {
  /** Tags of answers that mean the same without being equal byte for byte. @default false */
  readonly weak?: boolean;
}

const plugin: FastifyPluginAsync<EtagOptions> = async (fastify, options) => {
  place(fastify, "etag", ["request-id", "access-log", "security-headers"]);
  const { default: fastifyEtag } = await importPeer(
    "@fastify/etag",
    () => import("@fastify/etag"),
    { for: "the plugin etag" },
  );
  await fastify.register(fastifyEtag, { weak: options.weak ?? false });
  fastify.decorateRequest(
    "checkMatch",
    function (this: FastifyRequest, current, { required = false } = {}) {
      const wanted = this.headers["if-match"];
      if (wanted === undefined) {
        if (required) throw new PreconditionRequiredError("If-Match has to say what is changed");
        return;
      }
      const tags = wanted.split(",").map((tag) => tag.trim());
      const holds =
        current !== undefined &&
        (wanted.trim() === "*" ||
          // a weak tag matches nothing here (RFC 9110, 8.8.3.2)
          (!current.startsWith("W/") && tags.includes(current)));
      if (!holds) throw new PreconditionFailedError("the resource has been changed meanwhile");
    },
  );
};

/**
 * Gives answers an entity tag with `@fastify/etag`, answers `If-None-Match` with 304, and checks `If-Match` before a change:
 * `request.checkMatch(note.etag)`.
 */
export const etag: FastifyPluginAsync<EtagOptions> = fp(plugin, {
  name: "@infra/middleware/etag",
  fastify: "5.x",
});
