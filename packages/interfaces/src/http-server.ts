/** The HTTP server, as seen by those who only need to know where it listens. */
export interface HttpServer {
  /** The address clients use, `http://127.0.0.1:3000`; `undefined` while it does not listen. */
  readonly url: string | undefined;
}
