import { InfraError } from "@infra/errors";
import { Files } from "@infra/files";
import type { Inject } from "@infra/interfaces";
import type { RunningJob } from "@infra/jobs";
import { VideoService } from "@infra/processor/video";
import { isRetryable } from "@infra/promises";
import { StorageService } from "@infra/storage";

import { Live } from "../live/live.js";
import { fileOf } from "../photos/photo-row.js";
import { Photos, type PhotoChanges } from "../photos/photos.js";
import { Pictures } from "./pictures.js";

interface Dependencies {
  readonly live: Live;
  readonly photos: Photos;
  readonly pictures: Pictures;
  readonly storage: StorageService;
  readonly videos: VideoService;
}

type PhotoJob = RunningJob<{ readonly photoId: string }>;

/** Does the jobs that make a photo ready. Doing one again gives the same files. */
export class Processing {
  static readonly inject: Inject<typeof Processing> = {
    live: Live,
    photos: Photos,
    pictures: Pictures,
    storage: StorageService,
    videos: VideoService,
  };

  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Of `photo.process`. */
  async image(job: PhotoJob): Promise<void> {
    const { pictures, storage } = this.#deps;
    await this.#run(job, async (photoId, signal) => {
      const picture = await storage.getFileContent(fileOf(photoId, "original"), { signal });
      return await pictures.make(photoId, picture, signal);
    });
  }

  /** Of `video.process`. */
  async video(job: PhotoJob): Promise<void> {
    const { pictures, storage, videos } = this.#deps;
    await this.#run(job, async (photoId, signal) => {
      // ffmpeg goes back and forth in what it reads
      await using folder = await new Files().tempDirectory();
      const [path, clip] = [`${folder.path}/original`, `${folder.path}/clip.mp4`];
      const original = await storage.getFileStream(fileOf(photoId, "original"), { signal });
      await new Files().write(path, original, { durable: false, signal });
      const { data: poster } = await videos.thumbnail({ path }, { signal });
      const files = await pictures.make(photoId, poster, signal);
      const { input } = await videos.transcode({ path }, clip, {
        video: { height: 1080, effort: "fast" },
        onProgress: ({ percent }) => void job.progress({ percent }),
        signal,
      });
      const key = fileOf(photoId, "video");
      await storage.storeFile({ key, path: clip, contentType: "video/mp4", signal });
      return { ...files, duration_ms: Math.round(input.durationMs ?? 0) };
    });
  }

  async #run(
    { payload: { photoId }, attempt, attempts, signal, logger }: PhotoJob,
    make: (photoId: string, signal: AbortSignal) => Promise<PhotoChanges>,
  ): Promise<void> {
    const { photos } = this.#deps;
    // purged meanwhile; what is deleted may come back
    if (!(await photos.exists(photoId))) return;
    try {
      const made = await make(photoId, signal);
      await photos.change(photoId, { ...made, status: "ready", failure: null });
    } catch (error) {
      if (signal.aborted || (isRetryable(error) && attempt < attempts)) throw error;
      const failure = InfraError.is(error) ? error.publicMessage : undefined;
      logger.warn("a photo could not be processed", { error, photoId });
      await photos.change(photoId, {
        status: "failed",
        failure: failure ?? "It could not be processed.",
      });
      await this.#tell(photoId);
      throw error;
    }
    await this.#tell(photoId);
  }

  async #tell(photoId: string): Promise<void> {
    const { live, photos } = this.#deps;
    const photo = await photos.find(photoId);
    if (photo) await live.tell(photo.albumId, { kind: "photo", photo });
  }
}
