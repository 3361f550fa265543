import { useEffect, useRef } from "preact/hooks";

import { Notice } from "../../components/notice.js";
import { Spinner } from "../../components/spinner.js";
import type { LiveGallery } from "../../state/use-gallery.js";

import "./gallery-grid.css";
import { Tile } from "./tile.js";
import { useSettled } from "./use-settled.js";

/** The photos in rows of equal height; the next page is read before its end comes into view. */
export function GalleryGrid({ live }: { readonly live: LiveGallery }) {
  const { gallery, error, readMore } = live;
  const photos = gallery.photos.value;
  const list = useRef<HTMLUListElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const settled = useSettled(list, photos, !gallery.hasMore.value);
  const more = gallery.hasMore.value && error === undefined;
  useEffect(() => {
    if (!more) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && readMore(),
      { rootMargin: "1200px" },
    );
    observer.observe(end.current!);
    return () => observer.disconnect();
  }, [more, photos.length]);
  return (
    <>
      {photos.length > 0 && (
        <ul ref={list} class="gallery">
          {photos.map((photo, at) => (
            <Tile key={photo.id} photo={photo} eager={at < 12} settled={settled.has(photo.id)} />
          ))}
        </ul>
      )}
      {error !== undefined && (
        <Notice tone="error" onRetry={readMore}>
          {error}
        </Notice>
      )}
      <div ref={end}>{more && <Spinner label="Loading photos" />}</div>
    </>
  );
}
