import { findPostgres, findRedis, startPostgres, startRedis } from "@infra/testing";
import { createClient } from "redis";

/** A server that a test kills, and brings back at the same address. */
export interface EngineOutage {
  readonly url: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function redisOutage(): Promise<EngineOutage> {
  let server = await startRedis();
  const { url } = server;
  return {
    url,
    async kill() {
      const client = createClient({ url });
      client.on("error", () => {});
      await client.connect();
      const [, pid] = /process_id:(\d+)/.exec(await client.info("server"))!;
      client.destroy();
      process.kill(Number(pid), "SIGKILL");
      await server.stop();
    },
    async restart() {
      // the last setting of a name is the one that counts
      server = await startRedis({ settings: { port: new URL(url).port } });
    },
    stop: () => server.stop(),
  };
}

const missing = "it is not on this machine";

/** The engines that can be killed here; `keeps`: what was kept is there again. */
export const mortalEngines: readonly {
  readonly name: string;
  readonly missing: string | undefined;
  readonly keeps: boolean;
  readonly open: () => Promise<EngineOutage>;
}[] = [
  {
    name: "redis",
    missing: findRedis() === undefined ? missing : undefined,
    keeps: false,
    open: redisOutage,
  },
  {
    name: "postgres",
    missing: findPostgres() === undefined ? missing : undefined,
    keeps: true,
    open: startPostgres,
  },
];
