import { DatabaseService } from "@infra/database";
import { PostgresRateLimitStore } from "@infra/middleware/drivers/postgres";
import { PasswordService } from "@infra/security";
import { ServerManager } from "@infra/server";
// The API as one of several processes: DATABASE_URL is their database, where attempts are counted too.
import { MemoryMailer } from "@infra/testing";

import { createApi } from "../../src/api.js";

const database = new DatabaseService({ url: process.env["DATABASE_URL"]! });
const attempts = new PostgresRateLimitStore({ pool: await database.openPool({ max: 2 }) });
const { container, lifecycle } = createApi({ mailer: new MemoryMailer(), attempts });

/** Counts how often a password is hashed or verified. */
class CountingPasswords extends PasswordService {
  static count = 0;

  override async verify(...args: Parameters<PasswordService["verify"]>): Promise<boolean> {
    CountingPasswords.count += 1;
    return await super.verify(...args);
  }
}
container.rebind(PasswordService).toConstantValue(new CountingPasswords());
await lifecycle.startup();
process.on("message", () => process.send!(CountingPasswords.count));
process.stdout.write(`listening ${container.get(ServerManager).url}\n`);
