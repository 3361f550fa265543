import type { ResolvedImageLimits } from "./image-limits.js";
import type { SharpModule } from "./sharp-module.js";

/** What the work on one call's images stands on. */
export interface ImageContext {
  readonly sharp: SharpModule;
  readonly limits: ResolvedImageLimits;
  /** Runs what the image library does in threads of its own, when there is room for it. */
  readonly native: <T>(work: () => Promise<T>) => Promise<T>;
}
