import { ButtonLink } from "../../components/button.js";
import { EmptyState } from "../../components/empty-state.js";
import { Page } from "../../shell/page.js";

/** The album was deleted, or is not shared any more, while somebody looked at it. */
export function AlbumGone() {
  return (
    <Page title="Album">
      <EmptyState icon="lock" title="This album is not here any more">
        <p>It was deleted, or is not shared with you any longer.</p>
        <ButtonLink variant="primary" href="/">
          To your albums
        </ButtonLink>
      </EmptyState>
    </Page>
  );
}
