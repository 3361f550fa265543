import { UnsafeSvgError } from "../../errors.js";

/** The error of an SVG that holds what it must not, with the first few of it. */
export function unsafeSvg(unsafe: readonly string[]): Error {
  const some = unsafe.slice(0, 3).join("; ");
  const more = unsafe.length > 3 ? ` and ${unsafe.length - 3} more` : "";
  return new UnsafeSvgError(`the SVG is not safe: ${some}${more}`, {
    details: { unsafe: unsafe.slice(0, 20) },
    publicMessage: "The SVG refers to something outside of it, or holds scripts.",
  });
}
