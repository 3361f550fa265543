// Encrypts and decrypts a gigabyte, and prints how many bytes came out and how far the memory grew, in bytes.
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { EncryptionService } from "../../src/index.js";

const total = 2 ** 30;
const piece = Buffer.alloc(2 ** 18, 7);
const encryption = new EncryptionService({ key: "a gigabyte" });
const purpose = "backup";
let count = 0;
let most = 0;
const startMemory = process.memoryUsage().rss;

await pipeline(
  Readable.from(
    (function* pieces() {
      for (let at = 0; at < total; at += piece.length) yield piece;
    })(),
    { objectMode: false },
  ),
  encryption.encryptStream({ purpose }),
  encryption.decryptStream({ purpose }),
  new Writable({
    write(bytes: Buffer, _encoding, done) {
      count += bytes.length;
      most = Math.max(most, process.memoryUsage.rss());
      done();
    },
  }),
);
console.log(JSON.stringify({ count, grew: most - startMemory }));
