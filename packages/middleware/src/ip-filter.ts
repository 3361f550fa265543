import { BlockList, isIP, isIPv6 } from "node:net";

import { IpRefusedError } from "./errors.js";
import { definePlugin, type NeutralPlugin } from "./neutral.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** `false`: this route is open to every address. */
    ipFilter?: false;
  }
}

/** Options of {@link ipFilter}. */
export interface IpFilterOptions {
  /** The only addresses and networks that are let in: `["10.0.0.0/8", "2001:db8::/32"]`. @default all */
  readonly allow?: readonly string[];
  /** Addresses and networks that are not let in, whatever `allow` says. @default [] */
  readonly deny?: readonly string[];
}

function listOf(entries: readonly string[], option: string): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits, ...rest] = entry.split("/");
    const version = isIP(address);
    const length = bits === undefined ? undefined : Number(bits);
    const most = version === 6 ? 128 : 32;
    const fits =
      length === undefined || (Number.isInteger(length) && length >= 0 && length <= most);
    if (version === 0 || rest.length > 0 || bits === "" || !fits) {
      throw new TypeError(
        `ip filter: ${option} must hold addresses and networks such as 10.0.0.0/8, got ${JSON.stringify(entry)}`,
      );
    }
    const family = version === 6 ? "ipv6" : "ipv4";
    if (length === undefined) list.addAddress(address, family);
    else list.addSubnet(address, length, family);
  }
  return list;
}

/**
 * Lets in by address (403 for the others): behind a proxy, by the one that a trusted proxy names. An address of IPv4 that
 * came as one of IPv6 (`::ffff:10.0.0.1`) counts as what it is.
 */
export const ipFilter: NeutralPlugin<IpFilterOptions> = definePlugin({
  name: "ip-filter",
  after: ["request-id", "access-log", "security-headers"],
  create({ allow, deny = [] }) {
    const allowed = allow && listOf(allow, "allow");
    const denied = listOf(deny, "deny");
    return ({ ip = "" }, _response, { ipFilter: route }) => {
      if (route === false) return;
      const address = ip.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      const known = isIP(address) !== 0;
      if (known && !denied.check(address, family) && (allowed?.check(address, family) ?? true)) {
        return;
      }
      throw new IpRefusedError("requests from this address are not allowed");
    };
  },
});
