import { importPeer } from "@infra/errors";
import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

import type { PasswordStrength } from "../password-policy.js";

/**
 * Estimates how hard a password is to guess with zxcvbn: common passwords and words, names, keyboard patterns, dates,
 * repetitions. Its lists are half a megabyte, loaded with the first password.
 *
 * @throws PeerMissingError `ERR_PEER_MISSING` at the first password, when `@zxcvbn-ts/core` or
 * `@zxcvbn-ts/language-common` is not installed.
 */
export function zxcvbnStrength(): PasswordStrength {
  let zxcvbn: Promise<ZxcvbnFactory> | undefined;
  return async (password, words) => {
    zxcvbn ??= load();
    const { score, feedback } = (await zxcvbn).check(password, [...words]);
    return { score, ...(feedback.warning && { warning: feedback.warning }) };
  };
}

async function load(): Promise<ZxcvbnFactory> {
  const needed = {
    for: "the password strength of zxcvbn",
    install: "@zxcvbn-ts/core @zxcvbn-ts/language-common",
  };
  const core = await importPeer("@zxcvbn-ts/core", () => import("@zxcvbn-ts/core"), needed);
  const common = await importPeer(
    "@zxcvbn-ts/language-common",
    () => import("@zxcvbn-ts/language-common"),
    needed,
  );
  return new core.ZxcvbnFactory({
    dictionary: common.dictionary,
    graphs: common.adjacencyGraphs,
  });
}
