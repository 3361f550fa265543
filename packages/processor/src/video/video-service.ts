import { join } from "node:path";

import { toError } from "@infra/errors";
import { Files } from "@infra/files";
import {
  section,
  token,
  toMilliseconds,
  type Duration,
  type HealthReport,
  type Inject,
  type Managed,
  type StartContext,
  type StopContext,
  type Token,
} from "@infra/interfaces";

import { videoConfig } from "../config.js";
import { ProcessingTimeoutError, UnsupportedFormatError } from "../errors.js";
import { WorkSlots } from "../work-slots.js";
import { FfmpegPrograms } from "./ffmpeg-programs.js";
import {
  fittingVariants,
  hlsArguments,
  hlsVariants,
  mainPlaylist,
  variantName,
  type HlsVariant,
} from "./hls-arguments.js";
import { openMedia, type MediaFile, type MediaInput } from "./media-input.js";
import { directoryBytes, fileBytes, makeDirectory, makeFile } from "./media-output.js";
import type { MediaProgress } from "./media-progress.js";
import { probeMedia, type MediaMetadata } from "./probe-media.js";
import { runFfmpeg } from "./run-ffmpeg.js";
import { safeInput } from "./safe-input.js";
import {
  containerOf,
  startArguments,
  transcodeArguments,
  type TranscodeOperations,
} from "./transcode-arguments.js";
import {
  checkMedia,
  resolveVideoOptions,
  type ResolvedVideoOptions,
  type VideoServiceOptions,
} from "./video-options.js";
import {
  videoThumbnail,
  type VideoThumbnail,
  type VideoThumbnailOptions,
} from "./video-thumbnail.js";
import { withinTime } from "./within-time.js";

/** Options of what takes long. */
export interface MediaCallOptions {
  /** Kills ffmpeg, and removes what it had written. */
  readonly signal?: AbortSignal | undefined;
  /** Called some four times a second. */
  readonly onProgress?: ((progress: MediaProgress) => void) | undefined;
}

/** What a file has become. */
export interface MediaResult {
  readonly path: string;
  readonly sizeBytes: number;
  /** What the input had said of itself. */
  readonly input: MediaMetadata;
}

/** Options of {@link VideoService.clip}. */
export interface ClipOptions extends MediaCallOptions {
  readonly start: Duration;
  readonly duration: Duration;
  /**
   * Whether the picture is taken over as it is, which is quick and begins at the whole picture before `start`. @default false
   */
  readonly copy?: boolean;
}

/** Options of {@link VideoService.hls}. */
export interface HlsOptions extends MediaCallOptions {
  /** Those higher than the video are left out. @default 1080, 720, 480 and 360 */
  readonly variants?: readonly HlsVariant[];
  /** How long one segment is. @default "6s" */
  readonly segmentDuration?: Duration;
}

/** What {@link VideoService.hls} has made. */
export interface HlsResult {
  /** The path of the main playlist. */
  readonly playlist: string;
  readonly variants: readonly { readonly name: string; readonly playlist: string }[];
  readonly sizeBytes: number;
  readonly files: number;
}

/** What {@link VideoService.stats} says. */
export interface VideoStats {
  readonly active: number;
  readonly waiting: number;
  readonly done: number;
  readonly failed: number;
}

/**
 * Video and audio, by the programs ffmpeg and ffprobe. What comes in is judged by its content, opened as a single file that
 * can refer to no other file or host, and held against limits before it is decoded.
 *
 * Every call rejects with UnsupportedFormatError, LimitExceededError, CorruptInputError, ProcessingTimeoutError, BusyError,
 * StoppedError, FfmpegMissingError, FfmpegFailedError (their codes are `ERR_PROCESSOR_…`), or with the signal's reason.
 *
 * @throws RangeError from the constructor when an option can't be.
 */
export class VideoService implements Managed {
  static readonly provides: Token<VideoService> = token<VideoService>("videos");
  static readonly inject: Inject<typeof VideoService> = { options: section(videoConfig) };

  readonly #options: ResolvedVideoOptions;
  readonly #programs: FfmpegPrograms;
  readonly #slots: WorkSlots;

  constructor(options: VideoServiceOptions = {}) {
    this.#options = resolveVideoOptions(options);
    const { paths, concurrency, maxWaiting } = this.#options;
    this.#programs = new FfmpegPrograms(paths);
    this.#slots = new WorkSlots("VideoService", concurrency, maxWaiting);
  }

  /** Looks for the programs. @throws FfmpegMissingError (`ERR_PROCESSOR_FFMPEG_MISSING`) where they are `required` */
  async start({ signal }: StartContext = {}): Promise<void> {
    signal?.throwIfAborted();
    const missing = await this.#programs.missing();
    if (missing && this.#options.required) throw missing;
  }

  /** Whether there are ffmpeg and ffprobe: looked for until they are found to be there or not. */
  async available(): Promise<boolean> {
    return (await this.#programs.missing()) === undefined;
  }

  /** What a file says of itself. */
  async probe(
    input: MediaInput,
    options: Pick<MediaCallOptions, "signal"> = {},
  ): Promise<MediaMetadata> {
    return this.#work(input, options.signal, async (_file, metadata) => metadata);
  }

  /** One picture of a video. @throws RangeError when `at` is behind the end */
  async thumbnail(input: MediaInput, options: VideoThumbnailOptions = {}): Promise<VideoThumbnail> {
    const { maxOutputBytes } = this.#options;
    return this.#work(input, options.signal, ({ path }, metadata, signal) =>
      videoThumbnail(this.#programs, path, metadata, options, { signal, maxOutputBytes }),
    );
  }

  /**
   * Makes another file of video or audio: of the kind that the extension of `path` says. The file is in place when it is
   * whole; until then, and when it fails, what was there before is.
   */
  async transcode(
    input: MediaInput,
    path: string,
    operations: TranscodeOperations & MediaCallOptions = {},
  ): Promise<MediaResult> {
    const container = containerOf(path, operations.container);
    const start = startArguments(operations);
    const output = transcodeArguments(container, operations);
    return this.#work(input, operations.signal, async (file, metadata, signal) => {
      await makeFile(path, (temporary) =>
        runFfmpeg(this.#programs, {
          args: [
            ...start,
            ...safeInput(file.path),
            ...this.#threads(),
            ...output,
            ...this.#sizeLimit(),
            temporary,
          ],
          durationMs: resultDuration(metadata, operations),
          maxOutputBytes: this.#options.maxOutputBytes,
          outputBytes: () => fileBytes(temporary),
          onProgress: operations.onProgress,
          signal,
        }),
      );
      return { path, sizeBytes: await fileBytes(path), input: metadata };
    });
  }

  /** Cuts a part out of video or audio. */
  async clip(input: MediaInput, path: string, options: ClipOptions): Promise<MediaResult> {
    const { copy = false, ...operations } = options;
    const tracks = copy ? ({ video: { codec: "copy" }, audio: { codec: "copy" } } as const) : {};
    return this.transcode(input, path, { ...operations, ...tracks });
  }

  /**
   * Makes a folder of segments and playlists of a video, for HTTP Live Streaming: a folder for each variant, and
   * `master.m3u8` over them. The folder is in place when it is whole.
   *
   * @throws FileExistsError (`ERR_FILES_EXISTS`) when there is something in the folder already
   */
  async hls(input: MediaInput, directory: string, options: HlsOptions = {}): Promise<HlsResult> {
    const { variants = hlsVariants, segmentDuration: segment = "6s", onProgress } = options;
    if (variants.length === 0) throw new RangeError("variants must name at least one");
    const names = new Set(variants.map(variantName));
    if (names.size < variants.length) throw new RangeError("variants must have different names");
    return this.#work(input, options.signal, async (file, metadata, signal) => {
      if (!metadata.video) {
        throw new UnsupportedFormatError("there is no picture in it, only sound", {
          details: { type: metadata.format, allowed: ["video"] },
        });
      }
      const fitting = fittingVariants(variants, metadata);
      const hasAudio = metadata.audio !== undefined;
      await makeDirectory(directory, (temporary) =>
        runFfmpeg(this.#programs, {
          args: [
            ...safeInput(file.path),
            ...this.#threads(),
            ...hlsArguments(temporary, fitting, { hasAudio, segment }),
          ],
          durationMs: metadata.durationMs,
          maxOutputBytes: this.#options.maxOutputBytes,
          outputBytes: () => directoryBytes(temporary),
          onProgress,
          signal,
        }),
      );
      const { bytes: sizeBytes, files } = await new Files().size(directory);
      const made = fitting.map((variant) => {
        const name = variantName(variant);
        return { name, playlist: join(directory, name, "index.m3u8") };
      });
      return { playlist: join(directory, mainPlaylist), variants: made, sizeBytes, files };
    });
  }

  stats(): VideoStats {
    const { active, waiting, done, failed } = this.#slots;
    return { active, waiting, done, failed };
  }

  async health(): Promise<HealthReport> {
    if (this.#slots.stopped) return { status: "down", message: "the videos have been stopped" };
    const { active, waiting } = this.#slots;
    const details = { active, waiting };
    const missing = await this.#programs.missing().catch(toError);
    if (missing) return { status: "degraded", message: missing.message, details };
    return { status: "up", details };
  }

  /** Takes no more calls, waits for those under way until the signal aborts, then kills them. */
  async stop(context: StopContext = {}): Promise<void> {
    await this.#slots.stop(context.signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #work<T>(
    input: MediaInput,
    given: AbortSignal | undefined,
    work: (file: MediaFile, metadata: MediaMetadata, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs, maxInputBytes } = this.#options;
    return this.#slots.run(given, async (signal) => {
      using slot = await this.#slots.acquire(signal);
      void slot;
      // awaited here, or the slot would be given back at once
      return await withinTime(
        async (within) => {
          await using file = await openMedia(input, maxInputBytes, within);
          const metadata = await probeMedia(this.#programs, file, within);
          checkMedia(metadata, this.#options);
          return await work(file, metadata, within);
        },
        { timeoutMs, signal, error: timedOut },
      );
    });
  }

  #threads(): string[] {
    return ["-threads", String(this.#options.threads)];
  }

  /** ffmpeg stops by itself just above the limit, should nobody look in time; then the file is too large, and refused. */
  #sizeLimit(): string[] {
    const { maxOutputBytes } = this.#options;
    return maxOutputBytes === Infinity ? [] : ["-fs", String(maxOutputBytes + 1)];
  }
}

function resultDuration(
  { durationMs }: MediaMetadata,
  { start = 0, duration }: TranscodeOperations,
): number | undefined {
  const left = durationMs === undefined ? undefined : durationMs - toMilliseconds(start, "start");
  if (duration === undefined) return left;
  const wanted = toMilliseconds(duration, "duration");
  return left === undefined ? wanted : Math.min(left, wanted);
}

function timedOut(timeoutMs: number): Error {
  return new ProcessingTimeoutError(`the video took longer than ${timeoutMs} ms (timeout)`, {
    details: { timeoutMs },
  });
}
