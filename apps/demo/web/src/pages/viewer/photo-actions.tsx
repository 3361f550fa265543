import type { Photo } from "../../../../src/contract.js";
import { photos } from "../../api/api.js";
import { messageOf } from "../../api/problem-error.js";
import { IconButton } from "../../components/button.js";
import { Icon } from "../../components/icon.js";
import { showToast } from "../../state/toasts.js";
import type { LiveGallery } from "../../state/use-gallery.js";

interface PhotoActionsProps {
  readonly live: LiveGallery;
  readonly photo: Photo;
  readonly mayDelete: boolean;
  readonly onGone: () => void;
}

/** What can be done with the photo that is shown. */
export function PhotoActions({ live: { gallery }, photo, mayDelete, onGone }: PhotoActionsProps) {
  async function remove(): Promise<void> {
    try {
      await photos.remove(photo.id);
    } catch (error) {
      return showToast(messageOf(error), { tone: "error" });
    }
    onGone();
    gallery.remove(photo.id);
    showToast(`“${photo.title}” was deleted`, {
      action: { label: "Undo", run: async () => gallery.put(await photos.restore(photo.id)) },
    });
  }
  return (
    <>
      <a
        class="icon-button"
        href={photo.originalUrl}
        download={photo.title}
        target="_blank"
        title="Download the original"
        aria-label="Download the original"
      >
        <Icon name="download" />
      </a>
      {mayDelete && <IconButton icon="trash" label="Delete" onClick={() => void remove()} />}
    </>
  );
}
