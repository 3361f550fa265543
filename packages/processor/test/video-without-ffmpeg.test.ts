import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterAll, describe, expect, it } from "@jest/globals";

import { Sandbox } from "../src/index.js";
import { VideoService } from "../src/video.js";
import { FfmpegPrograms } from "../src/video/ffmpeg-programs.js";
import { rejection } from "./images.js";
import { temporaryFolder } from "./temporary-folder.js";

const videos = new VideoService();
afterAll(() => videos.stop());

describe("VideoService, without ffmpeg", () => {
  it("says what to install, and where to say it", async () => {
    const videosWithout = new VideoService({
      ffmpegPath: "/nowhere/ffmpeg",
      ffprobePath: "/nowhere/ffprobe",
    });
    const error = await rejection(videosWithout.start());
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_FFMPEG_MISSING",
      details: { program: "/nowhere/ffmpeg" },
    });
    expect(error.message).toMatch(/apt-get install ffmpeg.*FFMPEG_PATH/);
  });

  it("start, where they are not required, goes on; available and health tell, and calls reject", async () => {
    await using without = new VideoService({
      ffmpegPath: "/nowhere/ffmpeg",
      ffprobePath: "/nowhere/ffprobe",
      required: false,
    });
    await without.start();
    expect(await without.available()).toBe(false);
    expect(await without.health()).toMatchObject({
      status: "degraded",
      message: expect.stringContaining("/nowhere/ffmpeg"),
    });
    const input = Buffer.from([0, 0, 0, 0x18, 0x66, 0x74, 0x79, 0x70, 0x6d, 0x70, 0x34, 0x32]);
    expect(await rejection(without.probe(input))).toMatchObject({
      code: "ERR_PROCESSOR_FFMPEG_MISSING",
    });
  });

  it("takes ffprobe from beside ffmpeg, and the programs of npm when the PATH has none", async () => {
    const folder = await temporaryFolder();
    const say = async (name: string, text: string): Promise<string> => {
      const path = join(folder, name);
      await writeFile(path, `#!/bin/sh\necho ${text}\n`);
      await chmod(path, 0o755);
      return path;
    };
    const ffmpegPath = await say("ffmpeg", "one");
    await say("ffprobe", "two");
    const signal = new AbortController().signal;
    const beside = new FfmpegPrograms({ ffmpegPath });
    expect(String((await beside.run("ffprobe", [], { signal })).output)).toBe("two\n");

    // a process whose PATH holds nothing
    const module = new URL("./programs/ffmpeg.ts", import.meta.url);
    await using elsewhere = new Sandbox<typeof import("./programs/ffmpeg.js")>({
      module,
      env: { PATH: join(folder, "empty") },
      execArgv: sourceFlags,
    });
    const none = await rejection(elsewhere.run("sayTwice", [undefined]));
    expect(none).toMatchObject({
      code: "ERR_PROCESSOR_FFMPEG_MISSING",
      details: { program: "ffmpeg" },
    });
    expect(await elsewhere.run("sayTwice", [ffmpegPath])).toEqual(["one\n", "one\n"]);
  });

  it("refuses what can't be made, before anything runs", async () => {
    const input = { path: "clip.mp4" };
    const refusals = [
      [videos.transcode(input, "out.exe"), "the extension of the path must be one of"],
      [
        videos.transcode(input, "out.mp4", { video: { width: 0 } }),
        "video.width must be a whole number from 2",
      ],
      [
        videos.transcode(input, "out.mp4", { video: { codec: "h265" as never } }),
        "video.codec must be one of",
      ],
      [videos.transcode(input, "out.mp4", { start: -1 }), "start must be milliseconds"],
      [videos.hls(input, "out", { variants: [] }), "variants must name at least one"],
      [
        videos.hls(input, "out", {
          variants: [{ height: 1, videoBitsPerSecond: 1, name: "../x" }],
        }),
        "the name of a variant",
      ],
    ] as const;
    for (const [call, message] of refusals)
      expect((await rejection(call)).message).toContain(message);
  });
});
