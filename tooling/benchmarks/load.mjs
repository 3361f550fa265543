// Keeps connections busy with one request each, as fast as the answers come. A full HTTP client costs more CPU per
// request than the servers here, and would measure itself: this one knows how long an answer is, and counts.
import { once } from "node:events";
import { connect } from "node:net";

/**
 * @param headers lines of the request's head, beside the host
 * @param body what is posted; without one it is a GET
 * @returns {Promise<number>} answers per second; every one of them a 200 of the length of the first
 */
export async function load({ url, connections, seconds, headers = [], body }) {
  const { hostname, port, pathname, host } = new URL(url);
  const head = [
    `${body === undefined ? "GET" : "POST"} ${pathname} HTTP/1.1`,
    `host: ${host}`,
    ...headers,
    ...(body === undefined ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
  ];
  const request = Buffer.from(`${head.join("\r\n")}\r\n\r\n${body ?? ""}`);
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      await once(socket, "connect");
      return socket;
    }),
  );
  const length = await lengthOfAnswer(sockets[0], request);
  let answered = 0;
  let failure;
  for (const socket of sockets) {
    let missing = 0;
    socket.on("data", (chunk) => {
      if (missing === 0) {
        if (chunk.toString("latin1", 9, 12) !== "200") failure = chunk.toString("latin1", 0, 200);
        missing = length;
      }
      missing -= chunk.length;
      if (missing < 0) failure = "an answer of another length";
      if (missing > 0 || failure) return;
      answered += 1;
      socket.write(request);
    });
    socket.on("error", (error) => (failure ??= error.message));
    socket.write(request);
  }
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const elapsedMs = performance.now() - startedAt;
  const total = answered;
  for (const socket of sockets) socket.removeAllListeners("data").destroy();
  if (failure) throw new Error(`${url}: ${String(failure)}`);
  return (total * 1000) / elapsedMs;
}

async function lengthOfAnswer(socket, request) {
  socket.write(request);
  let answer = "";
  for (;;) {
    const [chunk] = await once(socket, "data");
    answer += chunk.toString("latin1");
    const [, size] = /content-length: (\d+)/i.exec(answer) ?? [];
    const head = answer.indexOf("\r\n\r\n");
    if (head < 0 || size === undefined) continue;
    if (answer.length === head + 4 + Number(size)) return answer.length;
  }
}
