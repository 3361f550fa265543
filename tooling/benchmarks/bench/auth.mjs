// What a burst of logins does to reading files, and what it costs to ask AuthService who a token belongs to.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";

export const title = "Files read during a burst of logins, tokens looked at";
export const unit = "operations/s";
export const packages = ["@infra/auth", "@infra/security"];

export function versions() {
  return {};
}

export const contestants = [
  contestant("no logins", "file"),
  contestant("40 logins at once", "file"),
  contestant("TokenService", "token"),
  contestant("AuthService, at expiry", "token"),
  contestant("AuthService, immediate, in memory", "token"),
];

export const bars = [
  // what takes no more than twice as long is done half as often
  { contestant: "40 logins at once, file", against: "no logins, file", least: 0.5 },
  { contestant: "AuthService, at expiry, token", against: "TokenService, token", least: 0.9 },
];

function contestant(name, work) {
  const program = join(import.meta.dirname, "auth", "contestant.mjs");
  return {
    name: `${name}, ${work}`,
    group: work,
    answer: () => inOwnProcess(program, name, work, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, name, work, "measure") }),
  };
}
