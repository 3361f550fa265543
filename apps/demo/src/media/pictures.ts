import type { Inject } from "@infra/interfaces";
import { ImageService } from "@infra/processor/image";
import { mapConcurrent } from "@infra/promises";
import { StorageService } from "@infra/storage";

import { fileOf, type StoredSize } from "../photos/photo-row.js";

const widths = [320, 640, 1280, 2048];

/** What a page shows of a picture. */
export interface PictureFiles {
  readonly width: number;
  readonly height: number;
  readonly colour: string;
  readonly placeholder: string;
  readonly sizes: readonly StoredSize[];
}

interface Dependencies {
  readonly images: ImageService;
  readonly storage: StorageService;
}

/** Makes what a page shows of a picture, or of a poster, and stores it. */
export class Pictures {
  static readonly inject: Inject<typeof Pictures> = {
    images: ImageService,
    storage: StorageService,
  };

  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  async make(photoId: string, picture: Buffer, signal: AbortSignal): Promise<PictureFiles> {
    const { images, storage } = this.#deps;
    const { width, height } = await images.metadata(picture, { signal });
    const options = { widths, formats: ["webp"], quality: 78, signal } as const;
    const { images: made } = await images.responsive(picture, options);
    // of the smallest, which looks the same and is quicker
    const { data: smallest } = made[0]!;
    const [{ value: placeholder }, colour] = await Promise.all([
      images.placeholder(smallest, { signal }),
      images.dominantColour(smallest, { signal }),
    ]);
    const store = async ({ data, contentType, ...size }: (typeof made)[number]) => {
      const key = fileOf(photoId, String(size.width));
      await storage.storeFile({ key, content: data, contentType, signal });
      return { width: size.width, height: size.height, type: contentType };
    };
    const sizes = await mapConcurrent(made, store, { concurrency: 2 });
    return { width, height, colour, placeholder, sizes };
  }
}
