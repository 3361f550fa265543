import { ConflictError } from "@infra/errors";
import { section, type Inject } from "@infra/interfaces";
import { JobsService } from "@infra/jobs";
import { ImageService } from "@infra/processor/image";
import { VideoService } from "@infra/processor/video";
import { StorageService } from "@infra/storage";

import { appConfig, type AppConfig } from "../app-config.js";
import type { Photo } from "../contract.js";
import { Live } from "../live/live.js";
import { processingOf } from "../media/jobs.js";
import { fileOf } from "../photos/photo-row.js";
import { Photos, type NewPhoto } from "../photos/photos.js";
import { checkSize, noVideos, partOf, Uploads, type UploadRow } from "./uploads.js";

const images = ["jpeg", "png", "webp", "avif", "gif", "tiff"].map((each) => `image/${each}`);

interface Dependencies {
  readonly images: ImageService;
  readonly jobs: JobsService;
  readonly live: Live;
  readonly photos: Photos;
  readonly storage: StorageService;
  readonly uploads: Uploads;
  readonly videos: VideoService;
}

/** Makes a photo of an upload whose parts are all there. */
export class Completion {
  static readonly inject: Inject<typeof Completion> = {
    options: section(appConfig),
    images: ImageService,
    jobs: JobsService,
    live: Live,
    photos: Photos,
    storage: StorageService,
    uploads: Uploads,
    videos: VideoService,
  };

  readonly #options: AppConfig;
  readonly #deps: Dependencies;

  constructor(options: AppConfig, deps: Dependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /**
   * The photo has the id of its upload: completing one again makes no second one.
   *
   * @throws ConflictError while parts are missing; TypeRefusedError (415), ValidationError (413) for what it turned out to be.
   */
  async complete(upload: UploadRow, signal: AbortSignal): Promise<Photo> {
    const { jobs, live, photos, uploads } = this.#deps;
    await this.#checkParts(upload);
    const photo = await this.#assemble(upload, signal);
    // the upload goes last: cut off before, it is completed again, and neither photo nor job are there twice
    await photos.add(photo);
    await jobs.enqueue(processingOf(photo.kind), { photoId: photo.id }, { id: photo.id });
    await uploads.remove(upload.id);
    return await live.photo(upload.id);
  }

  async #checkParts(upload: UploadRow): Promise<void> {
    const { received } = await this.#deps.uploads.status(upload);
    const expected = Math.ceil(Number(upload.bytes) / upload.part_bytes);
    if (received.length === expected) return;
    throw new ConflictError(`${expected - received.length} of ${expected} parts are missing`, {
      code: "ERR_UPLOAD_INCOMPLETE",
    });
  }

  /** Puts the parts together, and finds out what they are. */
  async #assemble(
    { id, album_id, by_id, name, bytes, part_bytes }: UploadRow,
    signal: AbortSignal,
  ) {
    const { storage } = this.#deps;
    const [key, size] = [fileOf(id, "original"), Number(bytes)];
    const count = Math.ceil(size / part_bytes);
    async function* content(): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < count; part++) {
        yield* await storage.getFileStream(partOf(id, part), { signal });
      }
    }
    const allowedTypes = [...images, "video/*"];
    await storage.storeFile({ key, content: content(), sizeBytes: size, allowedTypes, signal });
    try {
      const about = await this.#inspect(key, size, signal);
      const title = titleOf(name);
      return { id, albumId: album_id, byId: by_id, title, bytes: size, ...about };
    } catch (error) {
      await storage.delete(key);
      throw error;
    }
  }

  async #inspect(
    key: string,
    size: number,
    signal: AbortSignal,
  ): Promise<Pick<NewPhoto, "kind" | "width" | "height">> {
    const { images: service, storage, videos } = this.#deps;
    const { maxImageSize, maxVideoSize } = this.#options;
    const { contentType } = await storage.getMetadata(key, { signal });
    if (contentType.startsWith("video/")) {
      if (!(await videos.available())) throw noVideos();
      checkSize(size, maxVideoSize);
      return { kind: "video", width: 0, height: 0 };
    }
    checkSize(size, maxImageSize);
    const content = await storage.getFileStream(key, { signal });
    const { width, height } = await service.metadata(content, { signal });
    return { kind: "image", width, height };
  }
}

/** `beach_2024-07.jpg` is called "beach 2024 07". */
function titleOf(name: string): string {
  const words = name.replace(/\.\w{1,5}$/, "").replaceAll(/[-_\s]+/g, " ");
  return words.trim().slice(0, 200) || "Untitled";
}
