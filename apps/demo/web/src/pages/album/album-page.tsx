import { useCallback, useState } from "preact/hooks";

import type { Album } from "../../../../src/contract.js";
import { albums } from "../../api/api.js";
import { EmptyState } from "../../components/empty-state.js";
import { Notice } from "../../components/notice.js";
import { Spinner } from "../../components/spinner.js";
import { useLoad } from "../../components/use-load.js";
import { Page } from "../../shell/page.js";
import { account } from "../../state/session.js";
import { useGallery } from "../../state/use-gallery.js";
import { Viewer } from "../viewer/viewer.js";
import { AlbumActions } from "./album-actions.js";
import { AlbumGone } from "./album-gone.js";
import { DropZone } from "./drop-zone.js";
import { GalleryGrid } from "./gallery-grid.js";
import { PresenceRow } from "./presence-row.js";

/** `/albums/:albumId` */
export function AlbumPage({ albumId = "" }: { readonly albumId?: string }) {
  const { value: album, error, set, reload } = useLoad(() => albums.read(albumId), [albumId]);
  if (album && album.id === albumId)
    return <OpenAlbum key={albumId} album={album} onChange={set} />;
  return (
    <Page title="Album">
      {error === undefined ? (
        <Spinner />
      ) : (
        <Notice tone="error" onRetry={reload}>
          {error}
        </Notice>
      )}
    </Page>
  );
}

interface OpenAlbumProps {
  readonly album: Album;
  readonly onChange: (album: Album) => void;
}

function OpenAlbum({ album, onChange }: OpenAlbumProps) {
  const [gone, setGone] = useState(false);
  const who = account.value!;
  const live = useGallery({
    albumId: album.id,
    readPage: useCallback((cursor) => albums.photos(album.id, cursor), [album.id]),
    name: who.name,
    onAlbum: (event) => {
      setGone(event === undefined || event.deleted);
      if (event && !event.deleted) onChange({ ...album, title: event.title });
    },
  });
  const count = live.gallery.photos.value.length;
  const more = live.gallery.hasMore.value;
  if (gone) return <AlbumGone />;
  return (
    <Page
      title={album.title}
      lead={
        <>
          <span>
            {more ? `${album.photoCount} photos` : count === 1 ? "1 photo" : `${count} photos`}
          </span>
          {album.role === "member" && <span>by {album.by.name}</span>}
          <PresenceRow others={live.others} />
        </>
      }
      actions={<AlbumActions album={album} onChange={onChange} />}
    >
      <GalleryGrid live={live} />
      {count === 0 && !more && (
        <EmptyState icon="upload" title="Drop photos and videos here">
          <p>Or choose them with the button above. Several at once are fine.</p>
        </EmptyState>
      )}
      <DropZone albumId={album.id} />
      <Viewer
        live={live}
        mayDelete={(photo) => album.role === "owner" || photo.by.id === who.id}
        mayComment
      />
    </Page>
  );
}
