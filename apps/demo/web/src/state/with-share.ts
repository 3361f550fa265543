import type { AlbumEvent, Media, Photo } from "../../../src/contract.js";

/** A photo whose addresses a visitor of a share link may open. */
export function withShare(photo: Photo, token: string): Photo {
  const signed = (url: string): string =>
    `${url}${url.includes("?") ? "&" : "?"}share=${encodeURIComponent(token)}`;
  const media = <Each extends Pick<Media, "url">>(each: Each): Each => ({
    ...each,
    url: signed(each.url),
  });
  return {
    ...photo,
    sizes: photo.sizes.map(media),
    originalUrl: signed(photo.originalUrl),
    ...(photo.video && { video: media(photo.video) }),
  };
}

export function eventWithShare(event: AlbumEvent, token: string): AlbumEvent {
  return event.kind === "photo" ? { ...event, photo: withShare(event.photo, token) } : event;
}
