/** Where an error came from that nobody caught. */
export type UncaughtOrigin = "uncaughtException" | "unhandledRejection";

/**
 * Hears of every exception and rejection that nobody caught; what it returns ends that. While somebody listens the process
 * does not end by itself, so the handler has to see to it: `@infra/lifecycle` does, with a shutdown and exit code 1. In a
 * program without it, report the error and exit.
 */
export function onUncaughtError(
  handler: (error: unknown, origin: UncaughtOrigin) => void,
): () => void {
  const onException = (error: unknown): void => handler(error, "uncaughtException");
  const onRejection = (reason: unknown): void => handler(reason, "unhandledRejection");
  process.on("uncaughtException", onException);
  process.on("unhandledRejection", onRejection);
  return () => {
    process.off("uncaughtException", onException);
    process.off("unhandledRejection", onRejection);
  };
}
