import { useEffect, useMemo, useState } from "preact/hooks";

import type { AlbumEvent, Page, Photo, Visitor } from "../../../src/contract.js";
import { messageOf } from "../api/problem-error.js";
import { onUploaded } from "../uploads/uploads.js";
import { createGallery, type Gallery } from "./gallery.js";
import { watchAlbum } from "./live.js";

interface GalleryOptions {
  readonly albumId: string;
  readonly readPage: (cursor?: string) => Promise<Page<Photo>>;
  /** What becomes of an event before the page sees it. */
  readonly prepare?: (event: AlbumEvent) => AlbumEvent;
  /** The token of the link that a visitor came by. */
  readonly shareToken?: string;
  /** How others see who looks; visitors are not seen. */
  readonly name?: string;
  /** The album itself changed, or may not be seen any more. */
  readonly onAlbum: (event: Extract<AlbumEvent, { kind: "album" }> | undefined) => void;
}

export interface LiveGallery {
  readonly gallery: Gallery;
  /** Who else looks at the album. */
  readonly others: readonly Visitor[];
  /** Why photos could not be read. */
  readonly error: string | undefined;
  readonly readMore: () => void;
  /** Calls back with everything that happens; what it returns ends that. */
  readonly onEvent: (listener: (event: AlbumEvent) => void) => () => void;
}

/** An album's photos and everything that happens to them, as long as the page is there. */
export function useGallery(options: GalleryOptions): LiveGallery {
  const { albumId, readPage, prepare = (event) => event, shareToken, name, onAlbum } = options;
  const gallery = useMemo(() => createGallery(readPage), [albumId]);
  const listeners = useMemo(() => new Set<(event: AlbumEvent) => void>(), [albumId]);
  const [others, setOthers] = useState<readonly Visitor[]>([]);
  const [error, setError] = useState<string>();

  const attempt = (work: () => Promise<void>): void => {
    setError(undefined);
    work().catch((thrown: unknown) => setError(messageOf(thrown)));
  };

  useEffect(() => {
    const stopWatching = watchAlbum(
      albumId,
      {
        onEvent(plain) {
          const event = prepare(plain);
          gallery.apply(event);
          for (const listener of listeners) listener(event);
          if (event.kind === "album") onAlbum(event);
        },
        onGap: () => attempt(gallery.refresh),
        onPresence: setOthers,
        onDenied: () => onAlbum(undefined),
      },
      { ...(shareToken !== undefined && { shareToken }), ...(name !== undefined && { name }) },
    );
    const stopUploads = onUploaded((photo) => photo.albumId === albumId && gallery.put(photo));
    attempt(gallery.readMore);
    return () => {
      stopWatching();
      stopUploads();
    };
  }, [albumId, shareToken, name]);

  return {
    gallery,
    others,
    error,
    readMore: () => attempt(gallery.readMore),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
