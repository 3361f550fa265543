/** Joins what is emitted through socket.io itself across nodes. */
export interface GatewayAdapter {
  /** Connects, and gives what socket.io's option `adapter` takes. */
  open(): Promise<unknown>;
  /** Closes what it opened; called after socket.io is closed. */
  close(): Promise<void>;
}
