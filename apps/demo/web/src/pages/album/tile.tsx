import { useMemo } from "preact/hooks";

import type { Photo } from "../../../../src/contract.js";
import { Icon } from "../../components/icon.js";
import { PhotoImage } from "../../components/photo-image.js";
import { duration } from "../viewer/duration.js";

const rowHeight = 15;

interface TileProps {
  readonly photo: Photo;
  readonly eager: boolean;
  /** Whether it keeps its width, whatever comes after it. */
  readonly settled: boolean;
}

/** A photo in the gallery; its shape is known before its picture comes, so nothing moves. */
export function Tile({ photo, eager, settled }: TileProps) {
  // a video's shape is told when it is processed: too late to move everything after it
  const ratio = useMemo(() => shapeOf(photo), [photo.id]);
  const { status, kind, video } = photo;
  return (
    <li class={settled ? "tile tile-settled" : "tile"} style={{ "--ratio": String(ratio) }}>
      <a href={`?photo=${photo.id}`} data-photo={photo.id}>
        <PhotoImage
          sizes={photo.sizes}
          colour={photo.colour}
          placeholder={photo.placeholder}
          alt={photo.title}
          width={`${Math.round(ratio * rowHeight)}rem`}
          eager={eager}
        />
        {photo.sizes.length === 0 && <span class="visually-hidden">{photo.title}</span>}
        {status === "processing" && <span class="tile-note tile-busy">Processing…</span>}
        {status === "failed" && (
          <span class="tile-note">
            <Icon name="alert" size={16} /> Failed
          </span>
        )}
        {status === "ready" && kind === "video" && (
          <span class="tile-note">
            <Icon name="play" size={14} />
            <span class="visually-hidden">Video,</span> {video && duration(video.durationMs)}
          </span>
        )}
        {photo.comments > 0 && (
          <span class="tile-note tile-comments">
            <Icon name="comment" size={14} /> {photo.comments}
            <span class="visually-hidden">{photo.comments === 1 ? "comment" : "comments"}</span>
          </span>
        )}
      </a>
    </li>
  );
}

/** Width by height; very long ones are cut in the gallery, not in the viewer. */
function shapeOf({ width, height }: Photo): number {
  return width > 0 && height > 0 ? Math.min(Math.max(width / height, 0.55), 2.6) : 16 / 9;
}
