/** Options of `ImageService.placeholder`. */
export interface PlaceholderOptions {
  /** `lqip`: a tiny image as a data URL; `blurhash`: some 28 characters, which a library draws. @default "lqip" */
  readonly kind?: "lqip" | "blurhash";
  readonly signal?: AbortSignal | undefined;
}

/** What can be shown while an image loads. */
export interface Placeholder {
  /** The data URL, or the hash. */
  readonly value: string;
  /** Of the image that it stands for, so that its room can be kept. */
  readonly width: number;
  readonly height: number;
}
