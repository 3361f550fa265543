import { execFileSync, spawnSync } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, describe, expect, it } from "@jest/globals";

import { VideoService, type MediaProgress } from "../src/video.js";
import { photo, rejection } from "./images.js";
import { temporaryFolder } from "./temporary-folder.js";

const missing = spawnSync("ffmpeg", ["-version"]).error !== undefined;
if (missing && process.env["REQUIRED_ENGINES"]?.split(",").includes("ffmpeg")) {
  throw new Error("REQUIRED_ENGINES names ffmpeg, which is not installed");
}
const withFfmpeg = missing ? describe.skip : describe;
const skipped = missing ? " (skipped: ffmpeg is not installed)" : "";

const videos = new VideoService();
afterAll(() => videos.stop());

/** A clip with a moving picture and a tone. */
async function clip({
  seconds = 2,
  size = "320x240",
  audio = true,
  name = "clip.mp4",
} = {}): Promise<string> {
  const path = join(await temporaryFolder(), name);
  const sound = audio
    ? ["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`, "-c:a", "aac"]
    : [];
  execFileSync("ffmpeg", [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    `testsrc=duration=${seconds}:size=${size}:rate=25`,
    ...sound,
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-shortest",
    path,
  ]);
  return path;
}

withFfmpeg(`VideoService${skipped}`, () => {
  it("probe() says what a clip is: of a path, of bytes, of a stream", async () => {
    const path = await clip();
    const bytes = await readFile(path);
    for (const input of [{ path }, bytes, createReadStream(path)]) {
      const found = await videos.probe(input);
      expect(found).toMatchObject({
        format: "mov,mp4,m4a,3gp,3g2,mj2",
        sizeBytes: bytes.length,
        video: { codec: "h264", width: 320, height: 240, framesPerSecond: 25, rotation: 0 },
        audio: { codec: "aac", channels: 1, samplesPerSecond: 44_100 },
        tracks: 2,
      });
      expect(found.durationMs! / 1000).toBeCloseTo(2, 0);
    }
  });

  it("thumbnail() gives a picture, as large as it is wanted", async () => {
    const path = await clip();
    const jpeg = await videos.thumbnail({ path }, { width: 160 });
    expect(jpeg).toMatchObject({ format: "jpeg", contentType: "image/jpeg" });
    expect([...jpeg.data.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    const png = await videos.thumbnail({ path }, { at: "1s", format: "png", height: 100 });
    expect([png.data.readUInt32BE(20), png.atMs]).toEqual([100, 1000]);
    expect((await rejection(videos.thumbnail({ path }, { at: "1h" }))).message).toContain(
      "at must lie before the end",
    );
  });

  it("transcode() makes an MP4 with progress, in place when it is whole", async () => {
    const path = await clip({ seconds: 3 });
    const target = join(await temporaryFolder(), "small.mp4");
    const told: MediaProgress[] = [];
    const result = await videos.transcode({ path }, target, {
      video: { height: 120, effort: "fast", framesPerSecond: 10 },
      audio: { bitsPerSecond: 64_000, channels: 2 },
      onProgress: (progress) => told.push(progress),
    });
    expect(result).toMatchObject({
      path: target,
      sizeBytes: (await stat(target)).size,
      input: { tracks: 2 },
    });
    expect(await videos.probe({ path: target })).toMatchObject({
      video: { codec: "h264", width: 160, height: 120, framesPerSecond: 10 },
      audio: { codec: "aac", channels: 2 },
    });
    expect(told.at(-1)).toMatchObject({ percent: 100 });
    expect(told.map(({ percent }) => percent!)).toEqual(
      told.map(({ percent }) => percent!).toSorted((a, b) => a - b),
    );
    expect(await readdir(join(target, ".."))).toEqual(["small.mp4"]);
    // the index comes first, so that it plays before all of it is there
    const bytes = await readFile(target);
    expect(bytes.indexOf("moov")).toBeLessThan(bytes.indexOf("mdat"));
  });

  it.each([
    ["sound.mp3", { audio: "mp3", video: undefined }],
    ["sound.m4a", { audio: "aac", video: undefined }],
    ["clip.webm", { audio: "opus", video: "vp9" }],
    ["clip.gif", { audio: undefined, video: "gif" }],
  ])("transcode() makes %s, by its extension", async (name, codecs) => {
    const path = await clip({ seconds: 1, size: "64x48" });
    const target = join(await temporaryFolder(), name);
    await videos.transcode({ path }, target, { video: { effort: "fast" } });
    const { audio, video } = await videos.probe({ path: target });
    expect({ audio: audio?.codec, video: video?.codec }).toEqual(codecs);
  });

  it("transcode() leaves nothing of what the file told of itself, unless told to", async () => {
    const path = await clip({ seconds: 1, size: "64x48" });
    const tagged = join(await temporaryFolder(), "tagged.mp4");
    execFileSync("ffmpeg", [
      "-v",
      "error",
      "-i",
      path,
      "-c",
      "copy",
      "-metadata",
      "title=Secret",
      tagged,
    ]);
    const target = join(await temporaryFolder(), "out.mp4");
    await videos.transcode({ path: tagged }, target, {});
    expect((await videos.probe({ path: target })).tags).not.toHaveProperty("title");
    await videos.transcode({ path: tagged }, target, { metadata: "keep" });
    expect((await videos.probe({ path: target })).tags).toMatchObject({ title: "Secret" });
  });

  it("clip() cuts a part out, encoded or as it is", async () => {
    const path = await clip({ seconds: 4 });
    for (const copy of [false, true]) {
      const target = join(await temporaryFolder(), "part.mp4");
      await videos.clip({ path }, target, { start: "1s", duration: "1500ms", copy });
      const { durationMs } = await videos.probe({ path: target });
      expect(durationMs).toBeGreaterThan(1300);
      expect(durationMs).toBeLessThan(copy ? 3000 : 1700);
    }
  });

  it("hls() makes a folder of variants and playlists, in place when it is whole", async () => {
    const path = await clip({ seconds: 3 });
    const folder = join(await temporaryFolder(), "stream");
    const told: number[] = [];
    const result = await videos.hls({ path }, folder, {
      variants: [
        { height: 240, videoBitsPerSecond: 300_000 },
        { height: 120, videoBitsPerSecond: 100_000, name: "low" },
        { height: 1080, videoBitsPerSecond: 5_000_000 },
      ],
      segmentDuration: "1s",
      onProgress: ({ percent }) => told.push(percent!),
    });
    expect(result.variants.map(({ name }) => name)).toEqual(["240p", "low"]);
    const main = await readFile(result.playlist, "utf8");
    expect(main).toContain("#EXTM3U");
    expect(main).toContain("240p/index.m3u8");
    expect(main).toContain("low/index.m3u8");
    expect(main).not.toContain("1080");
    const low = await readFile(join(folder, "low", "index.m3u8"), "utf8");
    expect(low.match(/segment-\d+\.ts/g)!.length).toBeGreaterThanOrEqual(3);
    expect(low).toContain("#EXT-X-ENDLIST");
    expect(await videos.probe({ path: join(folder, "low", "segment-00000.ts") })).toMatchObject({
      video: { height: 120 },
      audio: { codec: "aac" },
    });
    expect(told.at(-1)).toBe(100);
    expect(await readdir(join(folder, ".."))).toEqual(["stream"]);
    expect((await rejection(videos.hls({ path }, folder))).code).toBe("ERR_FILES_EXISTS");
  });

  it("hls() makes the smallest variant of a video that is smaller, and needs no sound", async () => {
    const path = await clip({ seconds: 1, size: "64x48", audio: false });
    const { variants } = await videos.hls({ path }, join(await temporaryFolder(), "stream"));
    expect(variants.map(({ name }) => name)).toEqual(["360p"]);
  });

  it.each(["transcode", "hls"] as const)(
    "%s() is killed by its signal, and leaves nothing behind",
    async (what) => {
      const path = await clip({ seconds: 20, size: "640x480" });
      const folder = await temporaryFolder();
      const controller = new AbortController();
      const options = {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error("nobody waits")),
      };
      const call =
        what === "hls"
          ? videos.hls({ path }, join(folder, "stream"), {
              ...options,
              variants: [{ height: 480, videoBitsPerSecond: 1_000_000 }],
            })
          : videos.transcode({ path }, join(folder, "out.mp4"), {
              ...options,
              video: { effort: "small" },
            });
      expect((await rejection(call)).message).toBe("nobody waits");
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it("a transcode that fails leaves what was there before", async () => {
    const path = await clip({ seconds: 1, size: "64x48" });
    const target = join(await temporaryFolder(), "out.mp4");
    await writeFile(target, "before");
    const error = await rejection(
      videos.transcode({ path }, target, { arguments: ["-no_such_option", "1"] }),
    );
    expect(error).toMatchObject({ code: "ERR_PROCESSOR_FFMPEG_FAILED" });
    expect((error as unknown as { details: { output: string } }).details.output).toContain(
      "no_such_option",
    );
    expect(await readFile(target, "utf8")).toBe("before");
    expect(await readdir(join(target, ".."))).toEqual(["out.mp4"]);
  });

  it("gives up after the timeout", async () => {
    const path = await clip({ seconds: 20, size: "640x480" });
    const folder = await temporaryFolder();
    const brief = new VideoService({ timeout: 200 });
    const error = await rejection(
      brief.transcode({ path }, join(folder, "out.mp4"), { video: { effort: "small" } }),
    );
    expect(error).toMatchObject({ code: "ERR_PROCESSOR_TIMEOUT", details: { timeoutMs: 200 } });
    expect(await readdir(folder)).toEqual([]);
  });

  it("bounds what comes in and what comes out", async () => {
    const path = await clip({ seconds: 3 });
    const folder = await temporaryFolder();
    const limits = [
      [{ maxInputSize: "1kb" }, "maxInputSize"],
      [{ maxDuration: "1s" }, "maxDuration"],
      [{ maxPixels: 1000 }, "maxPixels"],
      [{ maxOutputSize: "4kb" }, "maxOutputSize"],
    ] as const;
    for (const [options, limit] of limits) {
      const bounded = new VideoService(options);
      const error = await rejection(bounded.transcode({ path }, join(folder, "out.mp4"), {}));
      expect(error).toMatchObject({ code: "ERR_PROCESSOR_LIMIT", details: { limit } });
    }
    expect(await readdir(folder)).toEqual([]);
    const streamed = new VideoService({ maxInputSize: "1kb" });
    expect(await rejection(streamed.probe(createReadStream(path)))).toMatchObject({
      details: { limit: "maxInputSize" },
    });
  });

  it("refuses a playlist that names a file, whatever it is called", async () => {
    const folder = await temporaryFolder();
    const secret = join(folder, "secret.ts");
    await writeFile(
      secret,
      await readFile(await clip({ seconds: 1, size: "64x48", name: "clip.ts" })),
    );
    // the second has a byte that text does not have, and so gets as far as ffmpeg
    for (const [name, mark] of [
      ["list.m3u8", ""],
      ["video.mp4", "#\u0001\n"],
    ] as const) {
      for (const url of ["file:///etc/passwd", pathToFileURL(secret).href, "secret.ts"]) {
        const path = join(folder, name);
        await writeFile(
          path,
          `#EXTM3U\n${mark}#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n${url}\n#EXT-X-ENDLIST\n`,
        );
        for (const call of [
          () => videos.probe({ path }),
          () => videos.thumbnail({ path }),
          () => videos.transcode({ path }, join(folder, "out.mp4")),
        ]) {
          const error = await rejection(call());
          expect(error.code).toMatch(/^ERR_PROCESSOR_(UNSUPPORTED_FORMAT|CORRUPT)$/);
        }
      }
    }
    expect(existsSync(join(folder, "out.mp4"))).toBe(false);
  });

  it("refuses what is no video: text, images, lists of files, noise", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "x.mp4");
    const codeOf = async (content: string | Buffer): Promise<string> => {
      await writeFile(path, content);
      return (await rejection(videos.probe({ path }))).code;
    };
    for (const content of [
      "hello",
      "ffconcat version 1.0\nfile /etc/passwd\n",
      await photo(10, 10),
    ]) {
      expect(await codeOf(content)).toBe("ERR_PROCESSOR_UNSUPPORTED_FORMAT");
    }
    for (const content of [Buffer.from([0, 1, 2, 3, 250, 251]), ""]) {
      expect(await codeOf(content)).toMatch(/^ERR_PROCESSOR_(UNSUPPORTED_FORMAT|CORRUPT)$/);
    }
  });

  it("says so when there is no such file", async () => {
    const path = join(await temporaryFolder(), "none.mp4");
    expect((await rejection(videos.probe({ path }))).code).toBe("ERR_FILES_NOT_FOUND");
    const device = await rejection(videos.probe({ path: "/dev/zero" }));
    expect(device.code).toBe("ERR_FILES_WRONG_KIND");
  });

  it("gives a damaged video an error of its own", async () => {
    const bytes = await readFile(await clip({ seconds: 1, size: "64x48" }));
    for (const part of [0.1, 0.5, 0.9]) {
      const error = await rejection(
        videos.probe(bytes.subarray(0, Math.floor(bytes.length * part))),
      );
      expect(error.code).toBe("ERR_PROCESSOR_CORRUPT");
    }
  });

  it("a name that looks like an option or a protocol is a name", async () => {
    const folder = await temporaryFolder();
    const from = await clip({ seconds: 1, size: "64x48" });
    await mkdir(join(folder, "http:"));
    for (const name of ["-y.mp4", "http:/x.mp4", "pipe:0.mp4", "a%03d.mp4"]) {
      await writeFile(join(folder, name), await readFile(from));
      await expect(videos.probe({ path: join(folder, name) })).resolves.toMatchObject({
        tracks: 2,
      });
      const target = join(folder, `out ${name.replace("/", "")}`);
      await videos.transcode({ path: from }, target, { video: { effort: "fast" } });
      expect(existsSync(target)).toBe(true);
    }
  });

  it("stop() ends what is under way when its signal aborts", async () => {
    const path = await clip({ seconds: 20, size: "640x480" });
    const folder = await temporaryFolder();
    const own = new VideoService();
    let begun!: () => void;
    const first = new Promise<void>((resolve) => (begun = resolve));
    const call = rejection(
      own.transcode({ path }, join(folder, "out.mp4"), {
        video: { effort: "small" },
        onProgress: () => begun(),
      }),
    );
    await first;
    await own.stop({ signal: AbortSignal.abort() });
    expect(await call).toMatchObject({ code: "ERR_PROCESSOR_STOPPED" });
    expect(await readdir(folder)).toEqual([]);
    expect(await rejection(own.probe({ path }))).toMatchObject({ code: "ERR_PROCESSOR_STOPPED" });
  });
});
