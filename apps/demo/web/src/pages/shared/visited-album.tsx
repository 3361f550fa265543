import { useLocation } from "preact-iso";
import { useCallback, useState } from "preact/hooks";

import type { Page as PageOf, Photo, SharedAlbum } from "../../../../src/contract.js";
import { shares } from "../../api/api.js";
import { Ago } from "../../components/ago.js";
import { Button, ButtonLink } from "../../components/button.js";
import { EmptyState } from "../../components/empty-state.js";
import { useSubmit } from "../../components/use-submit.js";
import { Page } from "../../shell/page.js";
import { account } from "../../state/session.js";
import { useGallery } from "../../state/use-gallery.js";
import { eventWithShare, withShare } from "../../state/with-share.js";
import { AlbumGone } from "../album/album-gone.js";
import { GalleryGrid } from "../album/gallery-grid.js";
import { Viewer } from "../viewer/viewer.js";

interface VisitedAlbumProps {
  readonly token: string;
  readonly shared: Exclude<SharedAlbum, { album: null }>;
}

/** An album as a visitor sees it: to look at, live too; who has an account can join. */
export function VisitedAlbum({ token, shared }: VisitedAlbumProps) {
  const [album, setAlbum] = useState(shared.album);
  const [gone, setGone] = useState(false);
  const live = useGallery({
    albumId: album.id,
    readPage: useCallback((cursor) => readShared(token, cursor), [token]),
    prepare: (event) => eventWithShare(event, token),
    shareToken: token,
    onAlbum: (event) => {
      setGone(event === undefined || event.deleted);
      if (event) setAlbum({ ...album, title: event.title });
    },
  });
  const empty = live.gallery.photos.value.length === 0 && !live.gallery.hasMore.value;
  if (gone) return <AlbumGone />;
  return (
    <Page
      title={album.title}
      lead={
        <span>
          Shared by {album.by.name} · the link ends <Ago at={shared.expiresAt} />
        </span>
      }
      actions={<JoinAction token={token} member={shared.member} albumId={album.id} />}
    >
      <GalleryGrid live={live} />
      {empty && <EmptyState icon="image" title="No photos yet" />}
      <Viewer live={live} mayDelete={() => false} mayComment={false} />
    </Page>
  );
}

async function readShared(token: string, cursor?: string): Promise<PageOf<Photo>> {
  const found = await shares.open(token, cursor);
  if (!found.album) return { items: [] };
  return { ...found.photos, items: found.photos.items.map((photo) => withShare(photo, token)) };
}

interface JoinActionProps {
  readonly token: string;
  readonly member: boolean;
  readonly albumId: string;
}

function JoinAction({ token, member, albumId }: JoinActionProps) {
  const { route } = useLocation();
  const { busy, message, onSubmit } = useSubmit(async () => {
    await shares.join(token);
    route(`/albums/${albumId}`);
  });
  if (member) return <ButtonLink href={`/albums/${albumId}`}>Open in your albums</ButtonLink>;
  if (!account.value) {
    const next = encodeURIComponent(`/shared/${token}`);
    return (
      <ButtonLink variant="primary" href={`/log-in?next=${next}`}>
        Log in to join
      </ButtonLink>
    );
  }
  return (
    <form class="row" onSubmit={onSubmit}>
      {message !== undefined && (
        <span class="field-error" role="alert">
          {message}
        </span>
      )}
      <Button variant="primary" type="submit" busy={busy}>
        Join the album
      </Button>
    </form>
  );
}
