import { useLocation } from "preact-iso";
import { useRef, useState } from "preact/hooks";

import type { Album } from "../../../../src/contract.js";
import { albums } from "../../api/api.js";
import { messageOf } from "../../api/problem-error.js";
import { Button, IconButton } from "../../components/button.js";
import { showToast } from "../../state/toasts.js";
import { addFiles } from "../../uploads/uploads.js";
import { RenameDialog } from "./rename-dialog.js";
import { ShareDialog } from "./share-dialog.js";

interface AlbumActionsProps {
  readonly album: Album;
  readonly onChange: (album: Album) => void;
}

/** What can be done with an album; sharing, renaming and deleting it is its owner's. */
export function AlbumActions({ album, onChange }: AlbumActionsProps) {
  const { route } = useLocation();
  const [dialog, setDialog] = useState<"share" | "rename">();
  const picker = useRef<HTMLInputElement>(null);
  const closeDialog = (): void => setDialog(undefined);

  async function remove(): Promise<void> {
    try {
      await albums.remove(album.id);
    } catch (error) {
      return showToast(messageOf(error), { tone: "error" });
    }
    route("/");
    const restore = async (): Promise<void> => {
      await albums.restore(album.id);
      route(`/albums/${album.id}`);
    };
    showToast(`“${album.title}” was deleted`, { action: { label: "Undo", run: restore } });
  }

  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        accept="image/*,video/*"
        onChange={({ currentTarget }) => {
          // a copy: emptying the field empties its list
          void addFiles(album.id, [...(currentTarget.files ?? [])]);
          currentTarget.value = "";
        }}
      />
      <Button variant="primary" icon="upload" onClick={() => picker.current?.click()}>
        Upload
      </Button>
      {album.role === "owner" && (
        <>
          <Button icon="share" onClick={() => setDialog("share")}>
            Share
          </Button>
          <IconButton icon="pencil" label="Rename the album" onClick={() => setDialog("rename")} />
          <IconButton icon="trash" label="Delete the album" onClick={() => void remove()} />
        </>
      )}
      {dialog === "share" && <ShareDialog album={album} onClose={closeDialog} />}
      {dialog === "rename" && (
        <RenameDialog
          title="Rename the album"
          value={album.title}
          save={async (title) => onChange(await albums.rename(album.id, title))}
          onClose={closeDialog}
        />
      )}
    </>
  );
}
