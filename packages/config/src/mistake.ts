import { alignedLines } from "./aligned-lines.js";
import type { Origin } from "./origin.js";

/** One thing that is wrong with the configuration. Never holds a secret's value. */
export interface Mistake {
  /** The setting, `database.url`; or the file that could not be read. */
  readonly path: string;
  /** Where the value came from; `undefined` when there is none. */
  readonly origin?: Origin;
  /** What was expected, and what was found: `must be a port (0 to 65535), got "80a"`. */
  readonly problem: string;
}

/** The mistakes as lines of three aligned columns: setting, source, problem. */
export function mistakeLines(mistakes: readonly Mistake[]): string[] {
  return alignedLines(
    mistakes.map(({ path, origin, problem }) => [path, origin?.source ?? "not set", problem]),
  );
}
