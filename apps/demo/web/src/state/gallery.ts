import { batch, signal, type ReadonlySignal } from "@preact/signals";

import type { AlbumEvent, Page, Photo } from "../../../src/contract.js";

/** The photos of an album, as far as they were read, kept up to date by what happens. */
export interface Gallery {
  readonly photos: ReadonlySignal<readonly Photo[]>;
  /** Whether there are more to read. */
  readonly hasMore: ReadonlySignal<boolean>;
  /** Reads the next page; one at a time. */
  readonly readMore: () => Promise<void>;
  /** Reads all pages up to a photo. */
  readonly readUpTo: (photoId: string) => Promise<void>;
  /** Reads everything anew: events may have been missed. */
  readonly refresh: () => Promise<void>;
  readonly apply: (event: AlbumEvent) => void;
  readonly put: (photo: Photo) => void;
  readonly remove: (photoId: string) => void;
}

/** Oldest first, as ids tell: what is added comes last, and moves nothing. */
const inOrder = (a: Photo, b: Photo): number => (a.id < b.id ? -1 : Number(a.id > b.id));

export function createGallery(readPage: (cursor?: string) => Promise<Page<Photo>>): Gallery {
  const photos = signal<readonly Photo[]>([]);
  const hasMore = signal(true);
  // what came live while later pages were not read yet is in them
  const removed = new Set<string>();
  let cursor: string | undefined;
  let reading: Promise<void> | undefined;

  function merge(found: readonly Photo[]): void {
    const byId = new Map(photos.value.map((photo) => [photo.id, photo]));
    for (const photo of found) if (!removed.has(photo.id)) byId.set(photo.id, photo);
    photos.value = [...byId.values()].toSorted(inOrder);
  }

  async function readPageOnce(): Promise<void> {
    const { items, nextCursor } = await readPage(cursor);
    cursor = nextCursor;
    batch(() => {
      merge(items);
      hasMore.value = nextCursor !== undefined;
    });
  }

  const readMore = (): Promise<void> =>
    (reading ??= readPageOnce().finally(() => (reading = undefined)));

  function put(photo: Photo): void {
    removed.delete(photo.id);
    const known = photos.value.some(({ id }) => id === photo.id);
    const last = photos.value.at(-1);
    // beyond what was read there would be a hole
    if (!known && hasMore.value && last && inOrder(last, photo) < 0) return;
    merge([photo]);
  }

  function remove(photoId: string): void {
    removed.add(photoId);
    photos.value = photos.value.filter(({ id }) => id !== photoId);
  }

  function countComments(photoId: string, count: number): void {
    photos.value = photos.value.map((photo) =>
      photo.id === photoId ? { ...photo, comments: count } : photo,
    );
  }

  return {
    photos,
    hasMore,
    readMore,
    put,
    remove,
    async readUpTo(photoId) {
      while (hasMore.value && !photos.value.some(({ id }) => id === photoId)) await readMore();
    },
    async refresh() {
      await reading;
      const found: Photo[] = [];
      let next: string | undefined;
      do {
        const page = await readPage(next);
        found.push(...page.items);
        next = page.nextCursor;
      } while (next !== undefined && found.length < photos.value.length);
      removed.clear();
      cursor = next;
      batch(() => {
        photos.value = found.toSorted(inOrder);
        hasMore.value = next !== undefined;
      });
    },
    apply(event) {
      if (event.kind === "photo") put(event.photo);
      else if (event.kind === "photo-removed") remove(event.photoId);
      else if (event.kind === "comment") countComments(event.comment.photoId, event.comments);
      else if (event.kind === "comment-removed") countComments(event.photoId, event.comments);
    },
  };
}
