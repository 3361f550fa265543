import type { ImageOperations } from "./image-operations.js";

/** The presets that are always there, unless an option replaces them. */
export const imagePresets: Readonly<Record<string, ImageOperations>> = {
  /** Within 320 x 320. */
  thumbnail: { width: 320, height: 320, fit: "inside", format: "webp", animated: false },
  /** 256 x 256, cut to the part worth seeing. */
  avatar: {
    width: 256,
    height: 256,
    fit: "cover",
    position: "attention",
    format: "webp",
    enlarge: true,
    animated: false,
  },
  /** Within 1600 x 1600, for a page. */
  preview: { width: 1600, height: 1600, fit: "inside", format: "webp", quality: 75 },
  /** 1200 x 630, for links to a page. */
  card: { width: 1200, height: 630, fit: "cover", format: "jpeg", enlarge: true },
  /** As large as it is, with nothing that tells of camera and place, and as few bytes as the encoder finds. */
  optimised: { effort: "small" },
};
