import type { SharedAlbum } from "../../../../src/contract.js";
import { shares } from "../../api/api.js";
import { EmptyState } from "../../components/empty-state.js";
import { Notice } from "../../components/notice.js";
import { Spinner } from "../../components/spinner.js";
import { useLoad } from "../../components/use-load.js";
import { Page } from "../../shell/page.js";
import { VisitedAlbum } from "./visited-album.js";

/** `/shared/:token`, for whoever has the link. */
export function SharedPage({ token = "" }: { readonly token?: string }) {
  const { value: shared, error, reload } = useLoad(() => shares.open(token), [token]);
  if (shared?.album) return <VisitedAlbum key={token} token={token} shared={shared} />;
  return (
    <Page title="Shared album">
      {error !== undefined && (
        <Notice tone="error" onRetry={reload}>
          {error}
        </Notice>
      )}
      {!shared && error === undefined && <Spinner />}
      {shared && <NoAlbum reason={shared.reason} />}
    </Page>
  );
}

type Missing = Extract<SharedAlbum, { album: null }>;

function NoAlbum({ reason }: Pick<Missing, "reason">) {
  return (
    <EmptyState
      icon="lock"
      title={reason === "expired" ? "This link has ended" : "This link leads nowhere"}
    >
      <p>
        {reason === "expired"
          ? "Ask whoever sent it for a new one."
          : "It was revoked, or a part of it is missing."}
      </p>
    </EmptyState>
  );
}
