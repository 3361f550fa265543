import type { ImageOperations } from "./image-operations.js";

/** Width and height in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** How large an image becomes by its operations, to the pixel or nearly so. */
export function plannedSize(source: ImageSize, operations: ImageOperations): ImageSize {
  const { crop, rotate = 0, width, height, fit = "inside", enlarge = false } = operations;
  const from = crop ?? source;
  const turned = rotate % 180 !== 0;
  const [wide, high] = turned ? [from.height, from.width] : [from.width, from.height];
  if (width === undefined && height === undefined) return { width: wide, height: high };
  const exact = fit === "cover" || fit === "contain" || fit === "fill";
  if (width !== undefined && height !== undefined && exact) return { width, height };
  const scales = [width && width / wide, height && height / high].filter(
    (scale) => scale !== undefined,
  );
  const wanted = fit === "outside" ? Math.max(...scales) : Math.min(...scales);
  const scale = enlarge ? wanted : Math.min(1, wanted);
  return {
    width: Math.max(1, Math.round(wide * scale)),
    height: Math.max(1, Math.round(high * scale)),
  };
}
