import type { Principal } from "@infra/interfaces";

import { TooManyError } from "../errors.js";
import { usersTopic, type PresenceDirectory } from "./presence.js";

/** @throws TooManyError (`ERR_PUBSUB_TOO_MANY`) when an account has as many connections as it may, on all nodes. */
export function checkUserLimit(
  principal: Principal | undefined,
  presence: PresenceDirectory,
  most: number,
): void {
  if (!principal || presence.count(usersTopic, principal.id) < most) return;
  throw new TooManyError(`an account may have ${most} connections (maxConnectionsPerUser)`, {
    details: { limit: "maxConnectionsPerUser", most },
  });
}
