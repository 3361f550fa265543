import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import type { Photo } from "../../../../src/contract.js";
import { IconButton } from "../../components/button.js";
import { Toasts } from "../../components/toasts.js";
import { PresenceRow } from "../album/presence-row.js";
import { CommentPanel } from "./comment-panel.js";
import { PhotoActions } from "./photo-actions.js";
import { PhotoFacts } from "./photo-facts.js";
import { PhotoStage } from "./photo-stage.js";
import type { ViewerProps } from "./viewer.js";

import "./viewer.css";

interface PhotoDialogProps extends ViewerProps {
  readonly photo: Photo;
  readonly position: string;
  readonly previous: Photo | undefined;
  readonly next: Photo | undefined;
  readonly onShow: (photo: Photo | undefined) => void;
  readonly onClose: () => void;
}

/** One photo over the whole window: arrows go on, Escape goes back. */
export function PhotoDialog(props: PhotoDialogProps) {
  const { live, photo, position, previous, next, onShow, onClose, mayDelete, mayComment } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current!.showModal();
  }, []);
  usePreload(next);

  const onKeyDown = (event: KeyboardEvent): void => {
    const { target, key } = event;
    // a player and a field have their own use for the arrows
    if (target instanceof HTMLElement && target.closest("input, textarea, video")) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (key === "ArrowLeft") onShow(previous);
    else if (key === "ArrowRight") onShow(next);
    else return;
    event.preventDefault();
  };

  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={photo.title}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        if (event.target !== dialog.current) return;
        event.preventDefault();
        onClose();
      }}
    >
      <header class="viewer-bar">
        <IconButton icon="close" label="Close" onClick={onClose} />
        <span class="muted small number" role="status">
          {position}
        </span>
        <span class="muted small">
          <PresenceRow others={live.others} />
        </span>
        <div class="push row viewer-actions">
          <PhotoActions live={live} photo={photo} mayDelete={mayDelete(photo)} onGone={onClose} />
        </div>
      </header>
      <div class="viewer-stage">
        <PhotoStage
          key={photo.id}
          photo={photo}
          onPrevious={() => onShow(previous)}
          onNext={() => onShow(next)}
        />
        <div class="viewer-step viewer-previous">
          {previous && (
            <IconButton icon="left" label="Previous photo" onClick={() => onShow(previous)} />
          )}
        </div>
        <div class="viewer-step viewer-next">
          {next && <IconButton icon="right" label="Next photo" onClick={() => onShow(next)} />}
        </div>
      </div>
      <div class="viewer-side">
        <PhotoFacts live={live} photo={photo} mayRename={mayDelete(photo)} />
        {mayComment && <CommentPanel key={photo.id} photoId={photo.id} live={live} />}
      </div>
      <Toasts />
    </dialog>
  );
}

/** The next picture is there before it is asked for. */
function usePreload(next: Photo | undefined): void {
  useEffect(() => {
    const last = next?.sizes.at(-1);
    if (!next || !last) return;
    const image = new Image();
    image.sizes = "100vw";
    image.srcset = next.sizes.map((size) => `${size.url} ${size.width}w`).join(", ");
    image.src = last.url;
  }, [next?.id]);
}
