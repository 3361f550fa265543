import { defineSection } from "@infra/interfaces";

/** The configuration of the work on images: the section `images`. */
export const imageConfig = defineSection("images", {
  maxInputSize: {
    doc: "The largest image that may come in.",
    format: "bytes",
    default: "50mb",
    env: "IMAGES_MAX_INPUT_SIZE",
  },
  maxPixels: {
    doc: "The most pixels that an image may have, all frames together.",
    format: "integer",
    default: 100_000_000,
    env: "IMAGES_MAX_PIXELS",
  },
  maxFrames: {
    doc: "The most frames that an animation may have.",
    format: "integer",
    default: 1000,
  },
  maxOutputPixels: {
    doc: "The most pixels that may be made.",
    format: "integer",
    default: 100_000_000,
  },
  maxOutputSize: { doc: "The largest image that may be made.", format: "bytes", default: "50mb" },
  timeout: { doc: "How long one image may take.", format: "duration", default: "30s" },
  concurrency: {
    doc: "How many images are worked on at once; unset for the processors, at most 3.",
    format: "integer",
    env: "IMAGES_CONCURRENCY",
  },
  maxWaiting: { doc: "How many calls may wait for their turn.", format: "integer", default: 1000 },
  svg: {
    doc: "SVG that refers outside of it or holds scripts: strict refuses it, clean leaves that out, refuse takes no SVG.",
    format: "enum",
    values: ["strict", "clean", "refuse"],
    default: "strict",
  },
  derivatives: {
    doc: "Where what was made is kept: none, storage, cache.",
    format: "enum",
    values: ["none", "storage", "cache"],
    default: "none",
    env: "IMAGES_DERIVATIVES",
  },
  sandbox: {
    doc: "Whether images are worked on in processes of their own.",
    format: "boolean",
    default: false,
    env: "IMAGES_SANDBOX",
  },
  sandboxMemory: {
    doc: "What one of those processes may hold in memory.",
    format: "bytes",
    default: "1gb",
  },
});

/** The configuration of the work on video and audio: the section `videos`. */
export const videoConfig = defineSection("videos", {
  ffmpegPath: {
    doc: "The program ffmpeg; unset to look for it in the PATH.",
    format: "string",
    env: "FFMPEG_PATH",
  },
  ffprobePath: {
    doc: "The program ffprobe; unset to look beside ffmpeg, then in the PATH.",
    format: "string",
    env: "FFPROBE_PATH",
  },
  required: {
    doc: "Whether the start fails without ffmpeg and ffprobe; if not, only what needs them does.",
    format: "boolean",
    default: true,
    env: "VIDEOS_REQUIRED",
  },
  maxInputSize: {
    doc: "The largest file that may come in.",
    format: "bytes",
    default: "4gb",
    env: "VIDEOS_MAX_INPUT_SIZE",
  },
  maxDuration: { doc: "The longest that may come in.", format: "duration", default: "4h" },
  maxPixels: {
    doc: "The most pixels that one picture may have.",
    format: "integer",
    default: 36_000_000,
  },
  maxOutputSize: { doc: "The most bytes that may be made.", format: "bytes", default: "4gb" },
  timeout: { doc: "How long one call may take.", format: "duration", default: "1h" },
  concurrency: {
    doc: "How many ffmpeg processes run at once.",
    format: "integer",
    default: 1,
    env: "VIDEOS_CONCURRENCY",
  },
  maxWaiting: { doc: "How many calls may wait for their turn.", format: "integer", default: 100 },
  threads: {
    doc: "How many threads one ffmpeg may use; 0 lets it choose.",
    format: "integer",
    default: 0,
  },
});
