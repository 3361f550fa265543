import { useEffect, useRef, useState } from "preact/hooks";

import type { Media } from "../../../src/contract.js";

import "./photo-image.css";

interface PhotoImageProps {
  /** Smallest first. */
  readonly sizes: readonly Media[];
  readonly colour: string;
  readonly placeholder: string;
  /** What it shows, in words; empty where the words stand beside it. */
  readonly alt: string;
  /** How wide it is shown, for the choice of the size: as the attribute `sizes`. */
  readonly width: string;
  readonly eager?: boolean;
}

/** A picture over its colour and blurred placeholder; it fills its box, whose shape is known before. */
export function PhotoImage({
  sizes,
  colour,
  placeholder,
  alt,
  width,
  eager = false,
}: PhotoImageProps) {
  const [loaded, setLoaded] = useState(false);
  const image = useRef<HTMLImageElement>(null);
  const largest = sizes.at(-1);
  useEffect(() => setLoaded(image.current?.complete ?? false), [largest?.url]);
  return (
    <span
      class="photo-image"
      style={{
        backgroundColor: colour,
        backgroundImage: placeholder === "" ? "none" : `url("${placeholder}")`,
      }}
    >
      {largest && (
        <img
          ref={image}
          class={loaded ? "loaded" : ""}
          src={largest.url}
          srcset={sizes.map((size) => `${size.url} ${size.width}w`).join(", ")}
          sizes={width}
          width={largest.width}
          height={largest.height}
          alt={alt}
          loading={eager ? "eager" : "lazy"}
          decoding="async"
          onLoad={() => setLoaded(true)}
        />
      )}
    </span>
  );
}
