import { useLocation } from "preact-iso";

import { albums } from "../../api/api.js";
import { Button } from "../../components/button.js";
import { Dialog } from "../../components/dialog.js";
import { Field } from "../../components/field.js";
import { Notice } from "../../components/notice.js";
import { useSubmit } from "../../components/use-submit.js";

/** Asks for a title, makes the album and goes there. */
export function NewAlbumDialog({ onClose }: { readonly onClose: () => void }) {
  const { route } = useLocation();
  const { busy, message, fields, onSubmit } = useSubmit(async (field) => {
    const { id } = await albums.create(field("title").trim());
    route(`/albums/${id}`);
  });
  return (
    <Dialog title="New album" onClose={onClose}>
      {(close) => (
        <form class="stack" onSubmit={onSubmit}>
          {message !== undefined && <Notice tone="error">{message}</Notice>}
          <Field
            label="Title"
            name="title"
            required
            autoFocus
            maxLength={120}
            placeholder="Summer by the lake"
            error={fields["title"]}
          />
          <div class="dialog-actions">
            <Button variant="quiet" onClick={close}>
              Cancel
            </Button>
            <Button variant="primary" type="submit" busy={busy}>
              Create album
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
