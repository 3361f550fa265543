// Runs "ffmpeg" with the PATH that this process was started with.
import { FfmpegPrograms } from "../../src/video/ffmpeg-programs.js";

/** What the program says, when a package of npm has it at a path. */
export async function sayTwice(installed: string | undefined): Promise<string[]> {
  const programs = new FfmpegPrograms({}, async () => installed);
  const { signal } = new AbortController();
  const said: string[] = [];
  for (let run = 0; run < 2; run += 1) {
    said.push(String((await programs.run("ffmpeg", [], { signal })).output));
  }
  return said;
}
