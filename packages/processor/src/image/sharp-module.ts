import { importPeer } from "@infra/errors";
import type { Sharp } from "sharp";

/** What makes a pipeline, and holds what is the whole process's. */
export type SharpModule = typeof import("sharp").default;

export type { Sharp };

/** sharp, when it is first wanted. @throws PeerMissingError (`ERR_PEER_MISSING`) */
export async function loadSharp(): Promise<SharpModule> {
  const { default: sharp } = await importPeer("sharp", () => import("sharp"), {
    for: "@infra/processor/image",
  });
  return sharp;
}
