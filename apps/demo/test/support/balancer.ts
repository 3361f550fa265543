import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** One port for several processes. */
export interface Balancer {
  readonly url: string;
  /** How many requests each of them was sent. */
  readonly sent: ReadonlyMap<string, number>;
  close(): void;
}

const probeEveryMs = 100;

/**
 * Takes turns between processes that say that they are ready, as any proxy does. A request that fails is not tried again:
 * what a process cuts is seen.
 */
export async function startBalancer(urls: readonly string[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const ready = new Set(urls);
  const sent = new Map(urls.map((url) => [url, 0]));
  const sockets = new Set<Socket>();
  let turn = 0;

  const next = (): URL => {
    const at = [...ready];
    const url = at[(turn += 1) % at.length]!;
    sent.set(url, sent.get(url)! + 1);
    return new URL(url);
  };
  const probe = async (url: string): Promise<void> => {
    const isReady = await fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) ready.add(url);
    else ready.delete(url);
  };
  const timer = setInterval(() => void Promise.all(urls.map(probe)), probeEveryMs);

  const server = createServer((incoming, outgoing) => {
    const { hostname, port } = next();
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const { hostname, port } = next();
    const onward = connect({ host: hostname, port: Number(port) });
    const lines = incoming.rawHeaders.flatMap((name, at, all) =>
      at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : [],
    );
    onward.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    onward.write(head);
    onward.pipe(socket).pipe(onward);
    for (const each of [socket, onward]) {
      sockets.add(each);
      each.on("error", () => each.destroy());
      each.on("close", () => {
        sockets.delete(each);
        socket.destroy();
        onward.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sent,
    close() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}
