import type { Plugin } from "vite";

/** Has the page ask for its font at once, not when the styles have come: then it is there at the first paint. */
export function preloadFont(): Plugin {
  return {
    name: "preload-font",
    apply: "build",
    transformIndexHtml(_, { bundle }) {
      const font = Object.keys(bundle ?? {}).find((file) => file.endsWith(".woff2"));
      if (font === undefined) throw new Error("there is no font to preload");
      const attrs = {
        rel: "preload",
        as: "font",
        type: "font/woff2",
        href: `/${font}`,
        crossorigin: true,
      };
      return [{ tag: "link", attrs, injectTo: "head" }];
    },
  };
}
