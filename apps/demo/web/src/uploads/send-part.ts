import { problemOf, unreachable } from "../api/problem-error.js";
import { changeHeaders } from "../api/request.js";

interface SendPartOptions {
  readonly signal: AbortSignal;
  /** Told how many bytes are on their way. */
  readonly onProgress: (bytes: number) => void;
}

/** Sends bytes with PUT; by XMLHttpRequest, for `fetch` does not tell how far it is. */
export function sendPart(url: string, bytes: Blob, options: SendPartOptions): Promise<void> {
  const { signal, onProgress } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    signal.addEventListener("abort", abort, { once: true });
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
    request.addEventListener("loadend", () => {
      signal.removeEventListener("abort", abort);
      const { status, responseText } = request;
      if (signal.aborted) reject(signal.reason as Error);
      else if (status === 0) reject(unreachable());
      else if (status < 400) resolve();
      else reject(problemOf(status, responseText, request.getResponseHeader("retry-after")));
    });
    request.open("PUT", url);
    request.setRequestHeader("content-type", "application/octet-stream");
    for (const [name, value] of Object.entries(changeHeaders()))
      request.setRequestHeader(name, value);
    request.send(bytes);
  });
}
