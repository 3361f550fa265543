import type { Album } from "../../../../src/contract.js";
import { Icon } from "../../components/icon.js";
import { PhotoImage } from "../../components/photo-image.js";

/** An album as a picture with its title; the whole card leads to it. */
export function AlbumCard({ album }: { readonly album: Album }) {
  const { id, title, cover, photoCount, role, by } = album;
  return (
    <li class="album-card">
      <a href={`/albums/${id}`}>
        <div class="album-cover">
          {cover ? (
            <PhotoImage
              sizes={[cover]}
              colour={cover.colour}
              placeholder={cover.placeholder}
              alt=""
              width="22rem"
            />
          ) : (
            <Icon name="image" size={36} />
          )}
        </div>
        <h2>{title}</h2>
        <p class="muted small">
          {photoCount === 1 ? "1 photo" : `${photoCount} photos`}
          {role === "member" && ` · by ${by.name}`}
        </p>
      </a>
    </li>
  );
}
