// What an SVG may be made of: shapes, text, paint, and what groups, clips and filters them.

/** The elements that stay. */
export const safeElements = new Set(
  (
    "svg g defs symbol use title desc switch view a " +
    "path rect circle ellipse line polyline polygon text tspan textPath " +
    "linearGradient radialGradient stop pattern clipPath mask marker style " +
    "filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting " +
    "feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge " +
    "feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence"
  ).split(" "),
);

/** Elements that run something, load something, or hold what does; those that are in neither list are left out quietly. */
export const unsafeElements = new Set(
  "script foreignObject image feImage iframe embed object audio video handler listener include link meta base".split(
    " ",
  ),
);

/** Attributes that refer to something; `#id` is all that they may. */
export const references = new Set(["href", "src", "base"]);
