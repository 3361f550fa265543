import { defineErrors, shape, UnavailableError } from "@infra/errors";

/** The errors of this package. */
export const loggingErrors = defineErrors({
  LogDeliveryError: {
    code: "ERR_LOGGING_UNDELIVERED",
    when: "A service did not take lines, however often they were sent; goes to `onTransportError`.",
    extends: UnavailableError,
    details: shape<{ readonly lines: number; readonly responseStatus?: number }>(),
  },
});

/** A service did not take lines, however often they were sent. */
export const { LogDeliveryError } = loggingErrors.classes;
