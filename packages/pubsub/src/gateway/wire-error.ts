import { InfraError } from "@infra/errors";

import type { WireError } from "./protocol.js";

/** What a client may know of an error. */
export function toWireError(error: unknown): WireError {
  if (!InfraError.is(error)) {
    return { code: "ERR_INTERNAL", message: "Something went wrong.", retryable: false };
  }
  return { code: error.code, message: error.publicMessage, retryable: error.retryable };
}
