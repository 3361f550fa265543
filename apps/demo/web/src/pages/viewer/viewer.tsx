import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";

import type { Photo } from "../../../../src/contract.js";
import type { LiveGallery } from "../../state/use-gallery.js";
import { PhotoDialog } from "./photo-dialog.js";

export interface ViewerProps {
  readonly live: LiveGallery;
  readonly mayDelete: (photo: Photo) => boolean;
  readonly mayComment: boolean;
}

/** Shows the photo that the address names (`?photo=<id>`) above the gallery. */
export function Viewer({ live, ...may }: ViewerProps) {
  const { path, query, route } = useLocation();
  const { gallery } = live;
  const wanted = query["photo"];
  const photos = gallery.photos.value;
  const photo = photos.find(({ id }) => id === wanted);

  useEffect(() => {
    if (wanted === undefined || photo) return;
    // an address that somebody was sent, or one from the search: its page may not have been read yet
    void gallery.readUpTo(wanted).then(
      () => !gallery.photos.value.some(({ id }) => id === wanted) && route(path, true),
      () => route(path, true),
    );
  }, [wanted, photo === undefined]);

  if (!photo) return null;
  const at = photos.indexOf(photo);
  const neighbours = { previous: photos[at - 1], next: photos[at + 1] };
  const show = (other: Photo | undefined): void => {
    // one entry of the history for the whole visit of the viewer
    if (other) route(`${path}?photo=${other.id}`, true);
  };
  const close = (): void => {
    route(path, true);
    // where the keyboard was, as far as the viewer has gone since
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(`[data-photo="${CSS.escape(photo.id)}"]`)?.focus(),
    );
  };
  return (
    <PhotoDialog
      {...may}
      live={live}
      photo={photo}
      position={`${at + 1} of ${photos.length}${gallery.hasMore.value ? "+" : ""}`}
      {...neighbours}
      onShow={show}
      onClose={close}
    />
  );
}
