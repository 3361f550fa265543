import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP proxy on loopback that can fall silent, as a network does whose cable was pulled. */
export interface LossyProxy extends AsyncDisposable {
  readonly url: string;
  /** From now on nothing passes on the connections there are; new ones work. */
  fallSilent(): void;
  /** Cuts the connections there are. */
  cut(): void;
  /** Whether connections are cut, those that come too. */
  refuse(refuses: boolean): void;
}

/** Starts a proxy in front of the server that a URL names. */
export async function lossyProxy(target: string): Promise<LossyProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let refusing = false;
  const server = createServer((near) => {
    if (refusing) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const socket of pair) socket.on("error", () => {});
    near.pipe(far);
    far.pipe(near);
    near.on("close", () => {
      far.destroy();
      pairs.delete(pair);
    });
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    url: url.href,
    fallSilent() {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
    },
    cut,
    refuse(refuses) {
      refusing = refuses;
      if (refuses) cut();
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
