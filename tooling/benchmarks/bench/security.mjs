// What checking a token or a password costs beside the libraries alone, and what a login burst does to reading files.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title = "Tokens verified (HS256), passwords verified (bcrypt, cost 10), files read";
export const unit = "operations/s";
export const packages = ["@infra/security"];

export function versions() {
  return versionsOf("jose", "bcrypt");
}

export const contestants = [
  contestant("jose", "token"),
  contestant("@infra/security", "token"),
  contestant("@infra/security, cached", "token"),
  contestant("bcrypt", "password"),
  contestant("@infra/security", "password"),
  contestant("no logins", "file"),
  contestant("40 logins with bcrypt alone", "file"),
  contestant("40 logins with @infra/security", "file"),
];

export const bars = [
  { contestant: "@infra/security, token", against: "jose, token", least: 0.95 },
  { contestant: "@infra/security, cached, token", against: "jose, token", least: 10 },
  { contestant: "@infra/security, password", against: "bcrypt, password", least: 0.97 },
  // what takes no more than twice as long is done half as often
  { contestant: "40 logins with @infra/security, file", against: "no logins, file", least: 0.5 },
];

function contestant(library, work) {
  const program = join(import.meta.dirname, "security", "contestant.mjs");
  return {
    name: `${library}, ${work}`,
    group: work,
    answer: () => inOwnProcess(program, library, work, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, library, work, "measure") }),
  };
}
