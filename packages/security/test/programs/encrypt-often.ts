// node encrypt-often.ts COUNT: writes salt and nonce of so many encryptions to standard output. Only the first thousand are
// encryptions whole; the rest are what an encryption begins with, for the cipher takes its time.
import { writeHead } from "../../src/encrypted-header.js";
import { EncryptionService, KeyRing } from "../../src/index.js";

const count = Number(process.argv[2]);
const keys = new KeyRing({ id: "shared", secret: Buffer.alloc(32, 1) });
const encryption = new EncryptionService({ keys });
const header = { algorithm: "aes-256-gcm", keyId: "shared", expiresAtMs: undefined } as const;
const length = 2 + "shared".length + 6;
const randoms = Buffer.alloc(28 * count);
for (let at = 0; at < count; at += 1) {
  const bytes =
    at < 1000
      ? Buffer.from(encryption.encrypt("x", { purpose: "test" }), "base64url")
      : writeHead(header);
  bytes.copy(randoms, 28 * at, length, length + 28);
}
process.stdout.write(randoms);
