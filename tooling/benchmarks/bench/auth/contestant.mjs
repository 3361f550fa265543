// node contestant.mjs NAME WORK answer|measure: sends what one operation comes to, or how many a second.
import { readFile } from "node:fs/promises";

import { AuthService } from "@infra/auth";
import { PasswordService, TokenService } from "@infra/security";

import { best } from "../../own-process.mjs";

const [name, work, wanted] = process.argv.slice(2);
const [email, password] = ["ada@example.org", "mole quartz fjord 7"];
const tokens = new TokenService({ key: "a key for the bench" });
const auth = new AuthService(
  {
    lockout: [{ limit: 1_000_000, window: "1m" }],
    tokenRevocation: name.includes("at expiry") ? "at-expiry" : "immediate",
  },
  { passwords: new PasswordService(), tokens },
);
await auth.accounts.create({ email, password, emailVerified: true });

const operations = { file, token };
process.send(await operations[work]());

async function refused() {
  await auth.login({ email, password: "wrong" }).catch(() => undefined);
}

async function file() {
  if (wanted === "answer") return (await readFile(import.meta.filename)).length;
  if (name === "no logins") return await readSome((startMs) => performance.now() - startMs > 1000);
  let left = 40;
  for (let at = 0; at < 40; at += 1) void refused().then(() => (left -= 1));
  return await readSome(() => left === 0);
}

/** How many files are read in a second, one after the other. */
async function readSome(isOver) {
  const startMs = performance.now();
  let count = 0;
  do {
    await readFile(import.meta.filename);
    count += 1;
  } while (!isOver(startMs));
  return (1000 * count) / (performance.now() - startMs);
}

async function token() {
  const { login: who } = await auth.login({ email, password });
  const { accessToken } = await auth.tokens.start(who);
  const text = Buffer.from(accessToken);
  // as from a request: a text that was not seen before
  const look =
    name === "TokenService"
      ? async () => (await tokens.verify(text.toString("latin1"))).roles
      : async () =>
          (await auth.authenticate({ scheme: "bearer", value: text.toString("latin1") })).roles;
  if (wanted === "answer") return await look();
  return await best(
    async () => {
      const startMs = performance.now();
      for (let at = 0; at < 2000; at += 1) await look();
      return 2_000_000 / (performance.now() - startMs);
    },
    { forMs: 500 },
  );
}
