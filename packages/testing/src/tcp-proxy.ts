import { connect, createServer, type AddressInfo, type Socket } from "node:net";

import { ProxyLane, type LaneState } from "./proxy-lane.js";

/** A proxy on a free loopback port, between a client and a server, that can be told to misbehave. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** The URL of the server, with the proxy's address in place of the server's. */
  readonly url: string;
  /** How many connections there are. */
  readonly connections: number;
  /** Resets the connections there are; new ones work. */
  cut(): void;
  /** Resets the connections there are, and those that come, until `restore()`. */
  refuse(): void;
  /**
   * Nothing passes any more, as when a cable was pulled, until `restore()`; what was sent is kept.
   *
   * @param only `"open"`: on the connections there are; new ones work.
   */
  freeze(only?: "open"): void;
  /** From now on all that is sent arrives so many milliseconds later, in each direction. */
  delay(ms: number): void;
  /** All is well again: what was held back arrives, and nothing is late. */
  restore(): void;
  /** Ends the connections and the proxy; idempotent. */
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly state: LaneState;
  readonly lanes: readonly ProxyLane[];
}

/**
 * Starts a proxy in front of the server that a URL names.
 *
 * @throws TypeError when the URL has no port.
 */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  if (port === "") throw new TypeError(`startTcpProxy: target must name a port, got ${target}`);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const pairs = new Set<Pair>();
  let refusing = false;
  let frozen = false;
  let delayMs = 0;

  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.on("error", () => {});
    if (refusing) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: Number(port), host, allowHalfOpen: true });
    far.on("error", () => {});
    const state = { frozen, delayMs };
    const lanes = [new ProxyLane(near, far, state), new ProxyLane(far, near, state)];
    const pair = { near, far, state, lanes };
    pairs.add(pair);
    near.on("close", () => {
      far.destroy();
      pairs.delete(pair);
    });
    // an end was passed on already, in its turn; this is a failure
    far.on("close", (failed) => failed && near.resetAndDestroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });

  const ownPort = (server.address() as AddressInfo).port;
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(ownPort);
  const cut = (): void => {
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  };
  const change = (changes: Partial<LaneState>): void => {
    for (const { state, lanes } of pairs) {
      Object.assign(state, changes);
      for (const lane of lanes) lane.pump();
    }
  };
  const close = async (): Promise<void> => {
    cut();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    port: ownPort,
    url: url.href,
    get connections() {
      return pairs.size;
    },
    cut,
    refuse() {
      refusing = true;
      cut();
    },
    freeze(only) {
      frozen = only === undefined;
      change({ frozen: true });
    },
    delay(ms) {
      if (!(ms >= 0 && ms < Infinity)) {
        throw new RangeError(`delay: ms must be a number of milliseconds from 0, got ${ms}`);
      }
      delayMs = ms;
      change({ delayMs });
    },
    restore() {
      refusing = false;
      frozen = false;
      delayMs = 0;
      change({ frozen, delayMs });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
