/** The HTTP server, as seen by those who need to know where it listens, or attach to it. */
export interface HttpServer {
  /** The address clients use, `http://127.0.0.1:3000`; `undefined` while it does not listen. */
  readonly url: string | undefined;
  /** Node.js's own `http.Server`, for what takes its upgrades; there before it listens. */
  readonly httpServer?: object | undefined;
}
