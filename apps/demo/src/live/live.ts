import type { Inject, Logger } from "@infra/interfaces";
import { tokens } from "@infra/interfaces";
import { PubSubService } from "@infra/pubsub";

import { albumTopic, type AlbumEvent, type Photo } from "../contract.js";
import { Photos } from "../photos/photos.js";

interface Dependencies {
  readonly logger: Logger;
  readonly photos: Photos;
  readonly pubsub: PubSubService;
}

/** Tells whoever looks at an album what happens in it. */
export class Live {
  static readonly inject: Inject<typeof Live> = {
    logger: tokens.logger,
    photos: Photos,
    pubsub: PubSubService,
  };

  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** What was done stands, whether it can be told or not: pages that missed something read anew. */
  async tell(albumId: string, event: AlbumEvent): Promise<void> {
    const { logger, pubsub } = this.#deps;
    await pubsub.publish<AlbumEvent>(albumTopic(albumId), event).catch((error: unknown) => {
      logger.warn("an event of an album could not be told", { error, albumId, kind: event.kind });
    });
  }

  /** Tells how a photo is now, and gives it. @throws NotFoundError */
  async photo(id: string): Promise<Photo> {
    const photo = await this.#deps.photos.get(id);
    await this.tell(photo.albumId, { kind: "photo", photo });
    return photo;
  }
}
