// Makes template/pgdata.tar.gz: a new database, packed, so that a first start need not run initdb.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { PGlite } from "@electric-sql/pglite";

import { finishNewDatabase } from "../src/engine/new-database.ts";

const folder = join(import.meta.dirname, "..", "template");
const pglite = await PGlite.create();
await finishNewDatabase(pglite);
const data = await pglite.dumpDataDir("none");
await pglite.close();
const packed = gzipSync(await data.arrayBuffer(), { level: 9 });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "pgdata.tar.gz"), packed);
process.stdout.write(
  `template/pgdata.tar.gz: ${packed.length} bytes, ${data.size} bytes unpacked\n`,
);
