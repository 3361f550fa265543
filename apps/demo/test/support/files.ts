import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import sharp from "sharp";

/** A picture that no encoder makes small. */
export async function picture(width: number, height: number): Promise<Buffer> {
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  const create = { width, height, channels: 3, background: "#c02020", noise } as const;
  return await sharp({ create }).jpeg({ quality: 90 }).toBuffer();
}

/** Two seconds of a test picture, as a camera might have made them. */
export async function clip(folder: string): Promise<Buffer> {
  const path = join(folder, "clip.mov");
  const source = ["-f", "lavfi", "-i", "testsrc=duration=2:size=640x360:rate=10"];
  await promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...source, "-c:v", "mpeg4", path]);
  return await readFile(path);
}
