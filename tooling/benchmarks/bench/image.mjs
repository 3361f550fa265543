// Photographs into three sizes of WebP, beside sharp by itself.
import { join } from "node:path";

import { ownContestant } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "A photograph of 12 megapixels to WebP of 1,600, 800 and 400 pixels, all three at once";
export const unit = "photographs/s";
export const packages = ["@infra/processor"];

export function versions() {
  return versionsOf("sharp");
}

const program = join(import.meta.dirname, "image", "contestant.mjs");

// answers with the format and the size of each, and whether it looks like the source
export const contestants = ["JPEG", "PNG"].flatMap((format) =>
  ["sharp", "@infra/processor"].map((library) =>
    ownContestant(program, {
      name: `${library}, ${format}`,
      group: format,
      args: [library, format],
    }),
  ),
);

export const bars = [
  { contestant: "@infra/processor, JPEG", against: "sharp, JPEG", least: 0.97 },
  // decoded once for all three
  { contestant: "@infra/processor, PNG", against: "sharp, PNG", least: 1.2 },
];
