import { importPeer } from "@infra/errors";

let loading: Promise<typeof import("saxes")> | undefined;

/** The XML parser, when it is first wanted. @throws PeerMissingError (`ERR_PEER_MISSING`) */
export async function loadSaxes(): Promise<typeof import("saxes")> {
  loading ??= importPeer("saxes", () => import("saxes"), { for: "SVG" });
  try {
    return await loading;
  } catch (error) {
    // it may be installed by the next time
    loading = undefined;
    throw error;
  }
}
