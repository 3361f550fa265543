import { AuthService } from "@infra/auth";
import { MemoryAuthStores } from "@infra/auth/drivers/memory";
import { ConfigService } from "@infra/config";
import { createContainer } from "@infra/di";
import type { LogEntry } from "@infra/interfaces";
import { ApplicationLifecycle } from "@infra/lifecycle";
import { LoggerService } from "@infra/logging";
import { PubSubService } from "@infra/pubsub";
import { PubSubClient } from "@infra/pubsub/client";
import { GatewayService } from "@infra/pubsub/gateway";
import { PasswordService, TokenService } from "@infra/security";
import { ScryptAlgorithm } from "@infra/security/drivers/scrypt";
import { ServerManager } from "@infra/server";
import { testRedis, until } from "@infra/testing";
import { afterAll, afterEach, describe, expect, it } from "@jest/globals";

const redis = testRedis(process.env);
const password = "mole quartz fjord 7";
const email = "ada@example.org";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});
afterAll(() => redis.close());

/** A server as an application binds it: nothing is handed from one service to another by hand. */
async function startNode(stores: MemoryAuthStores, pubsubUrl: string) {
  const lines: LogEntry[] = [];
  const container = createContainer();
  container
    .bind(ConfigService)
    .toSelf()
    .withOptions({
      env: { NODE_ENV: "test", PORT: "0", HOST: "127.0.0.1", JWT_SECRET: "a secret for tests" },
      argv: [],
      overrides: {
        logging: { level: "debug" },
        gateway: { path: "/live" },
        pubsub: { url: pubsubUrl },
      },
    });
  container
    .bind(LoggerService)
    .toSelf()
    .withOptions({ console: false, transports: [{ log: (entry) => void lines.push(entry) }] });
  container.bind(TokenService).toSelf();
  // what a password costs is not what is tested here
  const algorithm = new ScryptAlgorithm({ logN: 12 });
  container.bind(PasswordService).toConstantValue(new PasswordService({ algorithm }));
  container.bind(AuthService).toSelf().withOptions({ stores });
  container.bind(ServerManager).toSelf();
  container.bind(PubSubService).toSelf();
  container
    .bind(GatewayService)
    .toSelf()
    .withOptions({ authorize: ({ principal }) => principal !== undefined });
  const lifecycle = new ApplicationLifecycle({ exit: false, print: () => {} }, { container });
  lifecycle.manage(container);
  await lifecycle.startup();
  closers.push(() => lifecycle.shutdown("the test is over"));
  const url = container.get(ServerManager).url!;
  const connect = async (token: string): Promise<PubSubClient> => {
    const client = new PubSubClient({ url, path: "/live", token });
    closers.push(() => client.close());
    await client.connected();
    return client;
  };
  return { container, lifecycle, lines, connect, auth: container.get(AuthService) };
}

/** Those that matter here, as they come. */
const order = (names: readonly string[], wanted: readonly string[]): readonly string[] =>
  names.filter((name) => wanted.includes(name));

async function signIn(auth: AuthService): Promise<string> {
  const result = await auth.login({ email, password });
  if (result.status !== "complete") throw new Error(result.status);
  return (await auth.tokens.start(result.login)).accessToken;
}

const why = redis.missing;
(why === undefined ? describe : describe.skip)(`the container over ${redis.title}`, () => {
  it("gives the gateway configuration, logger, server, topics and authenticator, and stops it first", async () => {
    const stores = new MemoryAuthStores();
    const { auth, connect, container, lifecycle, lines } = await startNode(
      stores,
      await redis.url(),
    );
    const { id } = await auth.accounts.create({ email, password, emailVerified: true });
    const client = await connect(await signIn(auth));
    expect(client.userId).toBe(id);
    const heard: unknown[] = [];
    await client.subscribe("news", (message) => void heard.push(message));
    await container.get(PubSubService).publish("news", "hello");
    await until(() => heard.length === 1);
    expect(lines.map(({ category }) => category)).toContain("gateway");
    const { status, checks } = await lifecycle.probe("ready");
    expect([status, Object.keys(checks)]).toEqual(["up", expect.arrayContaining(["gateway"])]);

    const farewells: string[] = [];
    client.onEvent((event) => {
      if (event.type === "farewell") farewells.push(event.farewell.reason);
    });
    const started = lifecycle.startReport!.steps.map(({ name }) => name);
    await lifecycle.shutdown("the test is over");
    expect(farewells).toEqual(["drain"]);
    expect(lifecycle.stopReport).toMatchObject({ ok: true });
    const stopped = lifecycle.stopReport!.steps.map(({ name }) => name);
    expect(order(started, ["logger", "pubsub", "gateway"])).toEqual([
      "logger",
      "pubsub",
      "gateway",
    ]);
    expect(order(stopped, ["gateway", "server", "pubsub"])).toEqual([
      "gateway",
      "server",
      "pubsub",
    ]);
    // what they said on the way out
    expect(lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
    expect(lines.map(({ message }) => message)).toContain("a connection was closed");
  }, 60_000);

  it("closes the connections of who is logged out on every node within 2 s, without a line for it", async () => {
    const stores = new MemoryAuthStores();
    const url = await redis.url();
    const [first, second] = [await startNode(stores, url), await startNode(stores, url)];
    const { id } = await first.auth.accounts.create({ email, password, emailVerified: true });
    const token = await signIn(first.auth);
    const other = await second.connect(await signIn(second.auth));
    const clients = [await first.connect(token), await second.connect(token)];
    const { credentialId } = (await first.auth.authenticate({ scheme: "bearer", value: token }))!;
    const startedMs = performance.now();
    await first.auth.tokens.revoke(id, credentialId!);
    await until(() => clients.every(({ state }) => state === "closed"));
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(other.state).toBe("connected");
    await first.auth.accounts.disable(id);
    await until(() => other.state === "closed");
  }, 60_000);
});
