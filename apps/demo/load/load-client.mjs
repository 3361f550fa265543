// A client of the album in the load's own process: connections that stay open, one request after the other on each.
import { Agent, request } from "node:http";
import { createHistogram } from "node:perf_hooks";

/** Sends requests with a session's cookie. Anything but a 2xx is an error. */
export class Client {
  #agent;
  #base;
  #headers;

  constructor(url, { cookie, csrfToken = "", connections }) {
    this.#base = new URL(url);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#headers = { cookie, "x-csrf-token": csrfToken };
  }

  async json(method, path, body) {
    const isBytes = Buffer.isBuffer(body);
    const content = body === undefined || isBytes ? body : Buffer.from(JSON.stringify(body));
    const text = await this.#send(method, path, content, {
      ...(content && {
        "content-type": isBytes ? "application/octet-stream" : "application/json",
        "content-length": content.length,
      }),
    });
    return text === "" ? undefined : JSON.parse(text);
  }

  text(path) {
    return this.#send("GET", path, undefined, {});
  }

  close() {
    this.#agent.destroy();
  }

  #send(method, path, content, headers) {
    const { hostname, port } = this.#base;
    return new Promise((resolve, reject) => {
      const all = { ...this.#headers, ...headers };
      const options = { agent: this.#agent, hostname, port, method, path, headers: all };
      const sent = request(options, (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if (answer.statusCode < 300) resolve(text);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`));
        });
      });
      sent.on("error", reject);
      sent.end(content);
    });
  }
}

/** Does something over and over, so many at once, for so long: how often a second, and how long each took. */
export async function measure(work, { atOnce, seconds }) {
  const took = createHistogram();
  const startedAt = performance.now();
  const endMs = startedAt + seconds * 1000;
  const worker = async () => {
    while (performance.now() < endMs) {
      const from = performance.now();
      await work();
      took.record(Math.max(1, Math.round((performance.now() - from) * 1000)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const elapsed = (performance.now() - startedAt) / 1000;
  return {
    count: took.count,
    perSecond: took.count / elapsed,
    p50Ms: took.percentile(50) / 1000,
    p99Ms: took.percentile(99) / 1000,
  };
}
