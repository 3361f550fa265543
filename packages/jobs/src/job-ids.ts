import { randomBytes } from "node:crypto";

import type { Clock, IdGenerator } from "@infra/interfaces";

/** Characters of chance, each of 64: 72 bits. */
const chanceLength = 12;
const idsPerDraw = 256;

/**
 * Ids that sort by the time of their making, to the millisecond: an index in which neighbours are added together is
 * cheaper than one with ids all over. Chance is drawn for many at once, for drawing costs more than the rest.
 */
export function jobIds(clock: Clock): IdGenerator {
  let drawn = "";
  let at = 0;
  let lastMs = -1;
  let time = "";
  return {
    next() {
      const nowMs = clock.now();
      if (nowMs !== lastMs) {
        lastMs = nowMs;
        time = Math.floor(nowMs).toString(36);
      }
      if (at === drawn.length) {
        // three bytes are four characters
        drawn = randomBytes((idsPerDraw * chanceLength * 3) / 4).toString("base64url");
        at = 0;
      }
      return time + drawn.slice(at, (at += chanceLength));
    },
  };
}
