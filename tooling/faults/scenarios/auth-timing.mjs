import { AuthService } from "@infra/auth";
import { SqlAuthStores } from "@infra/auth/drivers/sql";
import { DatabaseService } from "@infra/database";
import { PasswordService } from "@infra/security";
import { ScryptAlgorithm } from "@infra/security/drivers/scrypt";

export const title =
  "auth: the time of a refused login does not tell whether there is an account (medians within 10 %)";

const most = 0.1;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

export async function run({ short }) {
  const database = new DatabaseService({ url: "pglite:memory" });
  // cheaper than a real one, so that what is not the hash weighs more
  const passwords = new PasswordService({ algorithm: new ScryptAlgorithm({ logN: 13 }) });
  const stores = new SqlAuthStores({ database });
  const auth = new AuthService(
    { stores, lockout: [{ limit: 1_000_000, window: "1m" }] },
    { passwords },
  );
  try {
    await auth.start();
    const [email, password] = ["ada@example.org", "mole quartz fjord 7"];
    await auth.accounts.create({ email, password, emailVerified: true });
    const took = new Map([
      [email, []],
      ["nobody@example.org", []],
    ]);
    const refused = async (who) => {
      const startMs = performance.now();
      const code = await auth.login({ email: who, password: "wrong" }).catch((each) => each.code);
      if (code !== "ERR_AUTH_INVALID_CREDENTIALS") throw new Error(`${who} was told ${code}`);
      return performance.now() - startMs;
    };
    for (const who of took.keys()) await refused(who);
    const pairs = short ? 60 : 300;
    // one after the other, each first by turns: what else the machine does reaches both
    for (let at = 0; at < pairs; at += 1) {
      const order = at % 2 === 0 ? [...took.keys()] : [...took.keys()].toReversed();
      for (const who of order) took.get(who).push(await refused(who));
    }
    const [wrong, unknown] = [...took.values()].map((each) => median(each));
    const apart = Math.abs(wrong - unknown) / Math.max(wrong, unknown);
    return {
      ok: apart <= most,
      seen: `wrong password ${wrong.toFixed(2)} ms, unknown address ${unknown.toFixed(2)} ms, ${(100 * apart).toFixed(1)} % apart, ${pairs} pairs`,
    };
  } finally {
    await database.stop();
  }
}
