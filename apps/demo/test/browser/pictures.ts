import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import sharp from "sharp";

/** What a landscape looks like: the same seed, the same picture. */
interface Landscape {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

/** A picture to upload: hills below a sun, drawn and then written as a JPEG. */
export function landscape(picture: Landscape): Promise<Buffer> {
  return sharp(Buffer.from(drawing(picture)))
    .jpeg({ quality: 86 })
    .toBuffer();
}

/** A picture that is as large as a camera's: noise does not get smaller by packing it. */
export async function largePicture(bytes: number): Promise<Buffer> {
  const side = Math.ceil(Math.sqrt(bytes / 2));
  const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
  return sharp({ create: { width: side, height: side, channels: 3, background: "#777", noise } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** Whether there is ffmpeg on this machine; an error when there has to be. */
export function hasFfmpeg(): boolean {
  const found = spawnSync("ffmpeg", ["-version"]).error === undefined;
  if (!found && process.env["REQUIRED_ENGINES"]?.split(",").includes("ffmpeg")) {
    throw new Error("REQUIRED_ENGINES names ffmpeg, but there is none on this machine");
  }
  return found;
}

/** A clip of two seconds with sound, made by ffmpeg. */
export async function clip(folder: string): Promise<string> {
  const path = join(folder, "waves.mp4");
  const source = "testsrc2=size=640x360:rate=24:duration=2";
  const sound = "sine=frequency=330:duration=2";
  const line = `-loglevel error -y -f lavfi -i ${source} -f lavfi -i ${sound} -pix_fmt yuv420p -shortest`;
  await promisify(execFile)("ffmpeg", [...line.split(" "), path]);
  return path;
}

function drawing({ seed, width, height }: Landscape): string {
  const random = numbers(seed);
  const hue = Math.floor(random() * 360);
  const evening = random() < 0.5;
  const sky = evening
    ? [`hsl(${hue} 45% 28%)`, `hsl(${(hue + 50) % 360} 75% 72%)`]
    : [`hsl(${200 + random() * 20} 65% 58%)`, "hsl(42 70% 90%)"];
  const hills = Array.from({ length: 5 }, (_, at) => {
    const level = height * (0.42 + at * 0.12);
    const light = (evening ? 34 : 58) - at * 8;
    return `<path fill="hsl(${(hue + 130 + at * 9) % 360} ${18 + at * 5}% ${light}%)" d="${ridge(level)}"/>`;
  });

  function ridge(level: number): string {
    const swing = height * (0.05 + random() * 0.05);
    const points = Array.from({ length: 8 }, (_, at) => {
      const x = (width * at) / 7;
      return `S ${x - width / 14} ${level - swing * random() * 2} ${x} ${level - swing * random()}`;
    });
    return `M 0 ${height} L 0 ${level} ${points.join(" ")} L ${width} ${height} Z`;
  }

  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="${sky[0]}"/><stop offset=".7" stop-color="${sky[1]}"/>
    </linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/>
    <circle cx="${width * (0.2 + random() * 0.6)}" cy="${height * (0.2 + random() * 0.2)}"
      r="${height * 0.07}" fill="hsl(45 100% 92%)"/>
    ${hills.join("")}
  </svg>`;
}

/** Numbers from 0 up to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state / 2 ** 32;
  };
}
