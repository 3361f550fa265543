// node photographs.ts FROM TO CHECKPOINT: makes three sizes of WebP and AVIF of each photograph, and tells how far it is.
import { join } from "node:path";

import { Files } from "@infra/files";

import { ImageService } from "../../src/image.js";
import { batch, FileCheckpoint, Pipeline } from "../../src/index.js";

const [from, to, done] = process.argv.slice(2) as [string, string, string];
const files = new Files();
await using images = new ImageService();

const sizes = [96, 48, 24].flatMap((side) =>
  (["webp", "avif"] as const).map(
    (format) => ({ width: side, height: side, format, effort: "fast" }) as const,
  ),
);

const report = await Pipeline.from(() => files.walk(from, { glob: "*.img" }), "photographs")
  .map("name", ({ relativePath }) => relativePath)
  .pipe(
    "six images",
    batch(
      async (name: string, { signal }) => {
        const made = await images.processMany({ path: join(from, name) }, sizes, { signal });
        for (const [at, { data, format }] of made.entries()) {
          await files.write(join(to, `${name}-${sizes[at]!.width}.${format}`), data, {
            durable: false,
          });
        }
      },
      {
        concurrency: 2,
        checkpoint: new FileCheckpoint(done),
        total: 200,
        onProgress: (progress) => void process.send!({ progress }),
      },
    ),
  )
  .run();
process.send!({ items: report.items });
process.disconnect();
