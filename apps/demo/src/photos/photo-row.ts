import type { Media, Person, Photo } from "../contract.js";

/** One picture that was made of a photo, as the database knows it. */
export type StoredSize = Omit<Media, "url">;

/** A row of the table photos, with the number of its comments. */
export interface PhotoRow {
  readonly id: string;
  readonly album_id: string;
  readonly by_id: string;
  readonly kind: "image" | "video";
  readonly title: string;
  readonly status: "processing" | "ready" | "failed";
  readonly failure: string | null;
  readonly width: number;
  readonly height: number;
  readonly colour: string;
  readonly placeholder: string;
  readonly sizes: readonly StoredSize[];
  readonly duration_ms: number | null;
  readonly created_at: Date;
  readonly comments: number;
}

/** What a photo's files are kept below. */
export const filesOf = (photoId: string): string => `photos/${photoId}/`;
/** Where one is kept: `original`, `video`, or a width. */
export const fileOf = (photoId: string, variant: string): string => filesOf(photoId) + variant;
/** Where it is fetched. */
export const urlOf = (photoId: string, variant: string): string => `/media/${photoId}/${variant}`;

export function mediaOf(photoId: string, size: StoredSize): Media {
  return { url: urlOf(photoId, String(size.width)), ...size };
}

/** What a page gets. */
export function toPhoto(row: PhotoRow, by: Person): Photo {
  const { id, kind, title, status, width, height, colour, placeholder, comments } = row;
  const isClip = kind === "video" && status === "ready";
  return {
    id,
    albumId: row.album_id,
    kind,
    title,
    status,
    ...(row.failure !== null && { failure: row.failure }),
    width,
    height,
    colour,
    placeholder,
    sizes: row.sizes.map((size) => mediaOf(id, size)),
    ...(isClip && {
      video: { url: urlOf(id, "video"), type: "video/mp4", durationMs: row.duration_ms ?? 0 },
    }),
    originalUrl: urlOf(id, "original"),
    comments,
    createdAt: row.created_at.toISOString(),
    by,
  };
}
