import { useState } from "preact/hooks";

import type { Photo } from "../../../../src/contract.js";
import { photos } from "../../api/api.js";
import { Ago } from "../../components/ago.js";
import { IconButton } from "../../components/button.js";
import type { LiveGallery } from "../../state/use-gallery.js";
import { RenameDialog } from "../album/rename-dialog.js";

interface PhotoFactsProps {
  readonly live: LiveGallery;
  readonly photo: Photo;
  readonly mayRename: boolean;
}

/** What the photo is called, and where it comes from. */
export function PhotoFacts({ live, photo, mayRename }: PhotoFactsProps) {
  const [renaming, setRenaming] = useState(false);
  return (
    <section class="photo-facts" aria-label="About this photo">
      <div class="row">
        <h2>{photo.title}</h2>
        {mayRename && <IconButton icon="pencil" label="Rename" onClick={() => setRenaming(true)} />}
      </div>
      <p class="muted small">
        by {photo.by.name}, <Ago at={photo.createdAt} />
      </p>
      {renaming && (
        <RenameDialog
          title="Rename the photo"
          value={photo.title}
          save={async (title) => live.gallery.put(await photos.rename(photo.id, title))}
          onClose={() => setRenaming(false)}
        />
      )}
    </section>
  );
}
