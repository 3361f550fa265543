import { useState } from "preact/hooks";

import { albums } from "../../api/api.js";
import { Button } from "../../components/button.js";
import { EmptyState } from "../../components/empty-state.js";
import { Notice } from "../../components/notice.js";
import { Spinner } from "../../components/spinner.js";
import { useLoad } from "../../components/use-load.js";
import { Page } from "../../shell/page.js";
import { AlbumCard } from "./album-card.js";

import "./albums-page.css";
import { NewAlbumDialog } from "./new-album-dialog.js";

/** Every album of who is logged in, their own and those they joined. */
export function AlbumsPage() {
  const { value: list, error, reload } = useLoad(albums.list, []);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button variant="primary" icon="plus" onClick={() => setAdding(true)}>
      New album
    </Button>
  );
  return (
    <Page title="Albums" actions={list && list.length > 0 && add}>
      {error !== undefined && (
        <Notice tone="error" onRetry={reload}>
          {error}
        </Notice>
      )}
      {!list && error === undefined && <Spinner />}
      {list?.length === 0 && (
        <EmptyState icon="image" title="Your first album">
          <p>Make an album, drop photos and videos into it, and share it with who was there.</p>
          {add}
        </EmptyState>
      )}
      {list && list.length > 0 && (
        <ul class="album-grid">
          {list.map((album) => (
            <AlbumCard key={album.id} album={album} />
          ))}
        </ul>
      )}
      {adding && <NewAlbumDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}
