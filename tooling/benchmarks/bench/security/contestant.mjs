// node contestant.mjs LIBRARY WORK answer|measure: sends what one operation comes to, or how many a second.
import { readFile } from "node:fs/promises";

import { best } from "../../own-process.mjs";

const secret = Buffer.alloc(32, 7);
const hash = "$2b$10$IObObrgBJCVq9gxbhnpZP.uJ6OXdibeUZXwkjDVEYz8nZeuwvRISa";
const password = "correct horse battery staple";
const claims = { sub: "ada", role: "admin", scope: "read write" };

const makers = {
  token: {
    jose: async () => {
      const { jwtVerify } = await import("jose");
      const usages = ["sign", "verify"];
      const hmac = { name: "HMAC", hash: "SHA-256" };
      // imported once, which is the fastest way with jose
      const key = await crypto.subtle.importKey("raw", secret, hmac, false, usages);
      const options = {
        algorithms: ["HS256"],
        issuer: "infra",
        audience: "infra",
        typ: "JWT",
        requiredClaims: ["exp", "iat"],
        clockTolerance: 5,
      };
      const token = await signed();
      return async () => (await jwtVerify(token, key, options)).payload.sub;
    },
    "@infra/security": () => verifier(0),
    "@infra/security, cached": () => verifier(1000),
  },
  password: {
    bcrypt: async () => {
      const { default: bcrypt } = await import("bcrypt");
      return () => bcrypt.compare(password, hash);
    },
    "@infra/security": async () => {
      const { PasswordService } = await import("@infra/security");
      const passwords = new PasswordService({ algorithm: "bcrypt" });
      return () => passwords.verify(password, hash);
    },
  },
  file: {
    "no logins": async () => () => readSome(),
    "40 logins with bcrypt alone": async () => {
      const { default: bcrypt } = await import("bcrypt");
      return () => during(() => bcrypt.compare(password, hash));
    },
    "40 logins with @infra/security": async () => {
      const { PasswordService } = await import("@infra/security");
      const passwords = new PasswordService({ algorithm: "bcrypt" });
      return () => during(() => passwords.verify(password, hash));
    },
  },
};

const [library, work, wanted] = process.argv.slice(2);
const operation = await makers[work][library]();
if (wanted === "answer") process.send(await answer());
else process.send(work === "file" ? await operation() : await best(perSecond, { forMs: 500 }));

async function answer() {
  return work === "file" ? (await readFile(import.meta.filename)).length : await operation();
}

async function signed() {
  const { KeyRing, TokenService } = await import("@infra/security");
  const tokens = new TokenService({ keys: new KeyRing({ id: "one", secret }) });
  return await tokens.sign(claims, { expiresIn: "1h" });
}

async function verifier(cacheSize) {
  const { KeyRing, TokenService } = await import("@infra/security");
  const keys = new KeyRing({ id: "one", secret });
  const tokens = new TokenService({ keys, cacheSize, isRevoked: () => false });
  const token = Buffer.from(await signed());
  // as from a request: a text that was not seen before
  return async () => (await tokens.verify(token.toString("latin1"))).sub;
}

async function perSecond() {
  const count = work === "password" ? 3 : 2000;
  const startMs = performance.now();
  for (let at = 0; at < count; at += 1) await operation();
  return (1000 * count) / (performance.now() - startMs);
}

/** How many files are read in a second, one after the other. */
async function readSome(isOver = (startMs) => performance.now() - startMs > 1000) {
  const startMs = performance.now();
  let count = 0;
  do {
    await readFile(import.meta.filename);
    count += 1;
  } while (!isOver(startMs));
  return (1000 * count) / (performance.now() - startMs);
}

/** The same while a burst of logins is worked off. */
async function during(login) {
  let left = 40;
  for (let at = 0; at < 40; at += 1) void login().then(() => (left -= 1));
  return await readSome(() => left === 0);
}
