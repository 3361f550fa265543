import { defineConfig } from "vite";

import { preloadFont } from "./preload-font.js";

/** The server, for `vite web` while working on the page: `npx pnpm start` beside it. */
const server = "http://127.0.0.1:3000";

export default defineConfig({
  root: import.meta.dirname,
  // the one for all sources: those of the packages say the same by other ways
  tsconfig: "tsconfig.json",
  // the packages from their sources: nothing has to be built before
  resolve: { conditions: ["@infra/source", "module", "browser", "development|production"] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [preloadFont()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    // the policy of the page allows scripts, styles and fonts of the server alone
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": server,
      "/media": server,
      "/realtime": { target: server, ws: true },
    },
  },
});
