import { InfraError, isError } from "@infra/errors";

import {
  CorruptInputError,
  ImageFailedError,
  LimitExceededError,
  ProcessingTimeoutError,
} from "../errors.js";
import type { ResolvedImageLimits } from "./image-limits.js";

/**
 * What libvips says when the content is not to blame. All else is: what it is told has been checked before, and its messages
 * can't be relied on, for all of its threads write them into one buffer.
 */
const failed = /out of memory|malloc|too many open files/i;

/** An error of sharp in the words of this package; others, and a programmer's mistakes, as they are. */
export function imageError(
  error: unknown,
  { timeoutMs, maxPixels }: Pick<ResolvedImageLimits, "timeoutMs" | "maxPixels">,
): unknown {
  if (!isError(error) || InfraError.is(error) || error.name !== "Error") return error;
  const { message } = error;
  if (message.startsWith("timeout: ")) {
    return new ProcessingTimeoutError(`the image took longer than ${timeoutMs} ms (timeout)`, {
      details: { timeoutMs },
      cause: error,
    });
  }
  if (/exceeds pixel limit/.test(message)) {
    return new LimitExceededError("the image has more pixels than maxPixels allows", {
      details: { limit: "maxPixels", allowed: maxPixels },
      cause: error,
    });
  }
  if (/too large for the (\w+) format/.test(message)) {
    return new LimitExceededError(`the result can't be so large: ${message}`, {
      details: { limit: "format", allowed: 16_383 },
      cause: error,
    });
  }
  if (failed.test(message)) {
    return new ImageFailedError(`sharp failed: ${message.trim()}`, { cause: error });
  }
  return new CorruptInputError(`the image can't be decoded: ${message.trim()}`, {
    cause: error,
    publicMessage: "The image is damaged.",
  });
}
