// node contestant.mjs LIBRARY FORMAT answer|measure: sends what came out, or how many photographs a second.
import sharp from "sharp";

import { best } from "../../own-process.mjs";

const [library, format, wanted] = process.argv.slice(2);
const [width, height] = [4000, 3000];
const widths = [1600, 800, 400];

// waves of colour under noise, of which a camera's pictures have some too
const pixels = Buffer.alloc(width * height * 3);
let seed = 1;
for (let at = 0, y = 0; y < height; y += 1) {
  for (let x = 0; x < width; x += 1) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7f_ff_ff_ff;
    const noise = (seed >> 16) & 31;
    pixels[at++] = 110 + 100 * Math.sin(x / 137) + noise;
    pixels[at++] = 110 + 100 * Math.cos(y / 153) + noise;
    pixels[at++] = 110 + 100 * Math.sin((x + y) / 171) + noise;
  }
}
const raw = { width, height, channels: 3 };
const source = await sharp(pixels, { raw }).toFormat(format.toLowerCase()).toBuffer();

const makers = {
  sharp: () => (image) =>
    Promise.all(widths.map((each) => sharp(image).resize({ width: each }).webp().toBuffer())),

  async "@infra/processor"() {
    const { ImageService } = await import("@infra/processor/image");
    const images = new ImageService();
    await images.start();
    const operations = widths.map((each) => ({ width: each, format: "webp" }));
    return async (image) => (await images.processMany(image, operations)).map(({ data }) => data);
  },
};

const make = await makers[library]();
if (wanted === "answer") process.send(await Promise.all((await make(source)).map(looks)));
else {
  const turn = async () => {
    const startedAt = performance.now();
    await make(source);
    return 1000 / (performance.now() - startedAt);
  };
  process.send(await best(turn, { turns: 3, forMs: 2000 }));
}
process.disconnect();

/** What it is, and whether its picture is that of the source: but for rounding, the mean of its colours is the same. */
async function looks(image) {
  const { format: of, width: wide, height: high } = await sharp(image).metadata();
  const [a, b] = await Promise.all([image, source].map((each) => sharp(each).stats()));
  const same = a.channels.every(({ mean }, at) => Math.abs(mean - b.channels[at].mean) < 2);
  return { format: of, width: wide, height: high, same };
}
