import type { Photo, SearchResult } from "../../../../src/contract.js";
import { PhotoImage } from "../../components/photo-image.js";
import { AlbumCard } from "../albums/album-card.js";

import "../albums/albums-page.css";

/** Albums first, for there are few of them. */
export function SearchResults({ result }: { readonly result: SearchResult }) {
  const { albums, photos } = result;
  return (
    <div class="stack search-results">
      {albums.length > 0 && (
        <section class="stack" aria-label="Albums that match">
          <h2>Albums</h2>
          <ul class="album-grid">
            {albums.map((album) => (
              <AlbumCard key={album.id} album={album} />
            ))}
          </ul>
        </section>
      )}
      {photos.length > 0 && (
        <section class="stack" aria-label="Photos that match">
          <h2>Photos</h2>
          <ul class="search-photos">
            {photos.map((photo) => (
              <FoundPhoto key={photo.id} photo={photo} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function FoundPhoto({ photo }: { readonly photo: Photo }) {
  return (
    <li>
      <a href={`/albums/${photo.albumId}?photo=${photo.id}`}>
        <div class="search-picture">
          <PhotoImage
            sizes={photo.sizes}
            colour={photo.colour}
            placeholder={photo.placeholder}
            alt=""
            width="12rem"
          />
        </div>
        <span class="small">{photo.title}</span>
      </a>
    </li>
  );
}
