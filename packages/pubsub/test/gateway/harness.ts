import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { Authenticator, Credential, Principal, Revocation } from "@infra/interfaces";

import { PubSubClient, type PubSubClientOptions } from "../../src/client.js";
import { MemoryPubSubEngine } from "../../src/drivers/memory.js";
import {
  GatewayService,
  type GatewayDependencies,
  type GatewayEvent,
  type GatewayOptions,
} from "../../src/gateway.js";
import { PubSubService, type EngineHandler, type PubSubOptions } from "../../src/index.js";

/** Knows tokens until they are revoked. */
export class TokenTable implements Authenticator {
  readonly #principals = new Map<string, Principal>();
  readonly #listeners = new Set<(revocation: Revocation) => void>();
  /** How often it was asked. */
  asked = 0;
  /** What it fails with. */
  broken: Error | undefined;

  get listeners(): number {
    return this.#listeners.size;
  }

  add(token: string, principal: Partial<Principal> & { readonly id: string }): void {
    this.#principals.set(token, { roles: [], credentialId: token, ...principal });
  }

  /** Without a word. */
  remove(token: string): void {
    this.#principals.delete(token);
  }

  revoke(token: string): void {
    this.remove(token);
    this.tell({ credentialId: token });
  }

  tell(revocation: Revocation): void {
    for (const listener of this.#listeners) listener(revocation);
  }

  onRevoked(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async authenticate({ value }: Credential): Promise<Principal | undefined> {
    this.asked += 1;
    if (this.broken) throw this.broken;
    return this.#principals.get(value);
  }
}

/** `tenant.<id>.#` for those of the tenant, `public.#` and `durable.#` for everybody. */
export const authorize: NonNullable<GatewayOptions["authorize"]> = ({ principal, topic }) => {
  const [first, second] = topic.split(".");
  if (first === "public" || first === "durable") return true;
  return first === "tenant" && principal?.tenantId !== undefined && second === principal.tenantId;
};

export interface Node {
  readonly url: string;
  readonly http: Server;
  readonly gateway: GatewayService;
  readonly pubsub: PubSubService;
  readonly events: GatewayEvent[];
}

/** Everything that a test opens, closed after it. */
export class Harness {
  readonly tokens = new TokenTable();
  readonly #open: (() => Promise<unknown>)[] = [];

  constructor() {
    this.tokens.add("ada", { id: "ada", tenantId: "a" });
    this.tokens.add("bob", { id: "bob", tenantId: "b" });
  }

  onClose(close: () => Promise<unknown>): void {
    this.#open.unshift(close);
  }

  pubsub(options: PubSubOptions = {}): PubSubService {
    const pubsub = new PubSubService({ durable: ["durable.#"], ...options });
    this.onClose(() => pubsub.stop());
    return pubsub;
  }

  async node(
    options: GatewayOptions = {},
    {
      pubsub = this.pubsub(),
      ...deps
    }: Partial<GatewayDependencies> & { pubsub?: PubSubService } = {},
  ): Promise<Node> {
    const http = createServer((request, response) => {
      if (request.url?.startsWith("/events")) void gateway.events(request, response);
      else response.writeHead(404).end("of the application");
    });
    const gateway = new GatewayService(
      { authorize, ...options },
      { pubsub, authenticator: this.tokens, server: { url: undefined, httpServer: http }, ...deps },
    );
    const events: GatewayEvent[] = [];
    gateway.onEvent((event) => events.push(event));
    await gateway.start();
    await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
    this.onClose(async () => {
      await gateway.stop();
      http.closeAllConnections();
      await new Promise((resolve) => void http.close(resolve));
    });
    const { port } = http.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, http, gateway, pubsub, events };
  }

  client(
    of: Node | readonly Node[] | string,
    options: Omit<PubSubClientOptions, "url"> = { token: "ada" },
  ): PubSubClient {
    const url = typeof of === "string" ? of : "url" in of ? of.url : of.map((each) => each.url);
    const client = new PubSubClient({ reconnectMs: 20, ...options, url });
    this.onClose(() => client.close());
    return client;
  }

  async close(): Promise<void> {
    for (const close of this.#open.splice(0)) await close();
  }
}

/** One process, which can say that something was missed. */
export class GapEngine extends MemoryPubSubEngine {
  #handler: EngineHandler | undefined;

  constructor() {
    super({ keepMessages: 1_000, keepForMs: 60_000 });
  }

  override open(handler: EngineHandler): Promise<void> {
    this.#handler = handler;
    return super.open(handler);
  }

  tellGap(reason: string): void {
    this.#handler?.onGap(reason);
  }
}

/** Starts to listen, and gives what is heard and what was missed. */
export async function listen(
  client: PubSubClient,
  topic: string,
  options: Parameters<PubSubClient["subscribe"]>[2] = {},
) {
  const heard: unknown[] = [];
  const ids: string[] = [];
  const gaps: string[] = [];
  const subscription = await client.subscribe<unknown>(
    topic,
    (message, { id }) => {
      heard.push(message);
      ids.push(id);
    },
    { onGap: ({ reason }) => void gaps.push(reason), ...options },
  );
  return { heard, ids, gaps, subscription };
}
