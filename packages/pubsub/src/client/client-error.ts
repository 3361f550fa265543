import type { WireError } from "../gateway/protocol.js";

/** What the gateway refused, or what a client can't do. */
export class PubSubClientError extends Error {
  override readonly name = "PubSubClientError";
  /**
   * As the gateway's errors have it, or `ERR_PUBSUB_CLIENT_CLOSED`, `ERR_PUBSUB_CONNECTION_LOST`, `ERR_PUBSUB_ACK_TIMEOUT`,
   * `ERR_PUBSUB_MESSAGE_TOO_LARGE` and, when socket.io-client is not installed, `ERR_PEER_MISSING`.
   */
  readonly code: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor({ code, message, retryable }: WireError) {
    super(message);
    this.code = code;
    this.retryable = retryable;
  }
}
