import { useState } from "preact/hooks";

import { shareLifetimes, type Album, type ShareLifetime } from "../../../../src/contract.js";
import { shares } from "../../api/api.js";
import { Ago } from "../../components/ago.js";
import { Button } from "../../components/button.js";
import { Dialog } from "../../components/dialog.js";
import { SelectField } from "../../components/field.js";
import { Notice } from "../../components/notice.js";
import { useLoad } from "../../components/use-load.js";
import { useSubmit } from "../../components/use-submit.js";
import { CopyField } from "./copy-field.js";

import "./share-dialog.css";

const lifetimes: Readonly<Record<ShareLifetime, string>> = {
  "1h": "One hour",
  "1d": "One day",
  "7d": "A week",
  "30d": "A month",
};

interface ShareDialogProps {
  readonly album: Album;
  readonly onClose: () => void;
}

/** Makes links to an album, and lists those that hold. */
export function ShareDialog({ album, onClose }: ShareDialogProps) {
  const { value: list, error, set, reload } = useLoad(() => shares.list(album.id), [album.id]);
  const [url, setUrl] = useState<string>();
  const creation = useSubmit(async (field) => {
    const made = await shares.create(album.id, field("expiresIn") as ShareLifetime);
    setUrl(made.url);
    set([made, ...(list ?? [])]);
  });
  return (
    <Dialog title="Share the album" onClose={onClose}>
      {() => (
        <>
          <p class="muted small">
            Who has the link sees every photo, without an account. Who has one can join, to upload
            and comment.
          </p>
          <form class="share-form" onSubmit={creation.onSubmit}>
            <SelectField label="The link works for" name="expiresIn">
              {shareLifetimes.map((lifetime) => (
                <option key={lifetime} value={lifetime} selected={lifetime === "7d"}>
                  {lifetimes[lifetime]}
                </option>
              ))}
            </SelectField>
            <Button variant="primary" type="submit" icon="link" busy={creation.busy}>
              Create link
            </Button>
          </form>
          {creation.message !== undefined && <Notice tone="error">{creation.message}</Notice>}
          {url !== undefined && (
            <CopyField label="Link" value={url} hint="It is shown only now: copy it." />
          )}
          {error !== undefined && (
            <Notice tone="error" onRetry={reload}>
              {error}
            </Notice>
          )}
          {list && list.length > 0 && (
            <section class="stack" aria-label="Links that work">
              <h3>Links that work</h3>
              <ul class="share-list">
                {list.map((share) => (
                  <ShareRow
                    key={share.id}
                    {...share}
                    onRevoked={() => {
                      set(list.filter(({ id }) => id !== share.id));
                      setUrl(undefined);
                    }}
                  />
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </Dialog>
  );
}

interface ShareRowProps {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly onRevoked: () => void;
}

function ShareRow({ id, createdAt, expiresAt, onRevoked }: ShareRowProps) {
  const { busy, message, onSubmit } = useSubmit(async () => {
    await shares.revoke(id);
    onRevoked();
  });
  return (
    <li>
      <form class="row" onSubmit={onSubmit}>
        <span class="small">
          Made <Ago at={createdAt} />, ends <Ago at={expiresAt} />
          {message !== undefined && <span role="alert"> · {message}</span>}
        </span>
        <div class="push">
          <Button small variant="danger" type="submit" busy={busy}>
            Revoke
          </Button>
        </div>
      </form>
    </li>
  );
}
