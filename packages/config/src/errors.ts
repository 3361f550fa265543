import { defineErrors, shape } from "@infra/errors";

import type { Mistake } from "./mistake.js";

/** The errors of this package. */
export const configErrors = defineErrors({
  ConfigError: {
    code: "ERR_CONFIG_INVALID",
    when: "Settings are missing or wrong; `details.mistakes` lists every one.",
    details: shape<{ readonly mistakes: readonly Mistake[] }>(),
  },
});

/** Settings are missing or wrong: the message lists every mistake, without a secret's value. */
export const { ConfigError } = configErrors.classes;
