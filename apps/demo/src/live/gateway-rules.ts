import { AuthService } from "@infra/auth";
import type { Container } from "@infra/di";
import type { GatewayOptions } from "@infra/pubsub/gateway";
import { isUuid } from "@infra/utils";

import { AlbumAccess, policy } from "../albums/album-access.js";
import { adminTopic } from "../contract.js";

/** Who may listen to what. Nobody says anything this way: what changes something goes over HTTP. */
export function gatewayOptions(container: Container): GatewayOptions {
  return {
    sessionCookie: container.get(AuthService).sessions.cookieName,
    // all who came by one link count as one
    maxConnectionsPerUser: 1_000,
    async authorize({ principal, action, topic }) {
      if (action === "publish" || !principal) return false;
      if (topic === adminTopic) return policy.can(principal, "admin.read");
      const [kind, albumId, ...rest] = topic.split(".");
      if (kind !== "album" || !isUuid(albumId) || rest.length > 0) return false;
      // who came by a link is a principal of that album alone
      if (principal.tenantId !== undefined) return principal.tenantId === albumId;
      return (await container.get(AlbumAccess).role(principal, albumId)) !== undefined;
    },
  };
}
