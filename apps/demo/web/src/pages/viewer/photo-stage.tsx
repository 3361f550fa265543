import { useRef } from "preact/hooks";

import type { Photo } from "../../../../src/contract.js";
import { photos } from "../../api/api.js";
import { messageOf } from "../../api/problem-error.js";
import { Button } from "../../components/button.js";
import { PhotoImage } from "../../components/photo-image.js";
import { showToast } from "../../state/toasts.js";

interface PhotoStageProps {
  readonly photo: Photo;
  readonly onPrevious: () => void;
  readonly onNext: () => void;
}

const swipe = 60;

/** The picture or the player, as large as the window allows and in its own shape. */
export function PhotoStage({ photo, onPrevious, onNext }: PhotoStageProps) {
  const { kind, status, width, height, sizes, video } = photo;
  const touch = useRef<Touch | undefined>(undefined);
  const ratio = width > 0 && height > 0 ? width / height : 16 / 9;
  const shape = { "--ratio": String(ratio) };
  if (status !== "ready") return <Unready photo={photo} />;
  if (kind === "video" && video) {
    return (
      <video
        class="viewer-frame"
        style={shape}
        controls
        playsInline
        preload="metadata"
        poster={sizes.at(-1)?.url}
        aria-label={photo.title}
      >
        <source src={video.url} type={video.type} />
      </video>
    );
  }
  return (
    <div
      class="viewer-frame"
      style={shape}
      onTouchStart={(event) => (touch.current = event.changedTouches[0])}
      onTouchEnd={({ changedTouches: [end] }) => {
        const start = touch.current;
        if (!start || !end) return;
        const [x, y] = [end.clientX - start.clientX, end.clientY - start.clientY];
        if (Math.abs(x) < swipe || Math.abs(x) < Math.abs(y) * 1.5) return;
        if (x > 0) onPrevious();
        else onNext();
      }}
    >
      <PhotoImage
        sizes={sizes}
        colour={photo.colour}
        placeholder={photo.placeholder}
        alt={photo.title}
        width={`min(100vw, ${Math.round(ratio * 100)}vh)`}
        eager
      />
    </div>
  );
}

function Unready({ photo }: { readonly photo: Photo }) {
  const failed = photo.status === "failed";
  async function retry(): Promise<void> {
    try {
      await photos.retry(photo.id);
    } catch (error) {
      showToast(messageOf(error), { tone: "error" });
    }
  }
  return (
    <div class="viewer-unready" role="status">
      <p>{failed ? (photo.failure ?? "It could not be processed.") : "It is being processed…"}</p>
      {failed && (
        <Button icon="retry" onClick={() => void retry()}>
          Try again
        </Button>
      )}
    </div>
  );
}
