import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { AuthService, type AuthOptions } from "@infra/auth";
import { PasswordService } from "@infra/security";
import { ScryptAlgorithm } from "@infra/security/drivers/scrypt";
import { ServerManager } from "@infra/server";
import { MemoryMailer } from "@infra/testing";

import { createApi } from "../src/api.js";
import { Client } from "./client.js";

export const password = "mole quartz fjord 7";

/** The API on a port of its own, with its mail to be read. */
export async function startApi(databaseUrl: string, auth: AuthOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "infra-api-"));
  const mailer = new MemoryMailer();
  const api = createApi({
    mailer,
    auth,
    config: {
      cwd: folder,
      env: {
        NODE_ENV: "test",
        PORT: "0",
        DATABASE_URL: databaseUrl,
        LOG_LEVEL: "fatal",
        JWT_SECRET: "a secret for tests",
        ENCRYPTION_KEY: "a key for tests",
      },
      argv: [],
    },
    lifecycle: { exit: false, print: () => {} },
  });
  // what a password costs is not what is tested here
  const algorithm = new ScryptAlgorithm({ logN: 12 });
  api.container.rebind(PasswordService).toConstantValue(new PasswordService({ algorithm }));
  await api.lifecycle.startup();
  const service = api.container.get(AuthService);
  const url = api.container.get(ServerManager).url!;
  return {
    ...api,
    auth: service,
    mailer,
    url,
    client: () => new Client(url),
    /** The token of the latest mail to somebody. */
    mailed: async (to: string): Promise<string> =>
      /\n\n(\S+)\n/.exec((await mailer.take(to)).text)![1]!,
    /** Somebody with a verified address. */
    create: async (email: string, roles: readonly string[] = ["user"]) =>
      await service.accounts.create({ email, password, roles, emailVerified: true }),
    stop: async (): Promise<void> => {
      await api.lifecycle.shutdown("the test is over");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
