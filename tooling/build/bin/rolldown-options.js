import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
/** What newer syntax is lowered to (`using`); it goes into the bundle. */
const helpers = "@oxc-project/runtime";

/** Where an installed package stands. */
export const folderOf = (name) => dirname(require.resolve(`${name}/package.json`));

/** How a package's sources become its published JavaScript. @param input entry points by name */
export function inputOptions(input) {
  return {
    input,
    // what is installed stays what it is; so do Node.js's own modules
    external: (id) => !/^(\.|\/|[A-Za-z]:)/.test(id) && !id.startsWith(helpers),
    resolve: { alias: { [helpers]: folderOf(helpers) } },
    platform: "node",
    transform: { target: "es2023" },
    tsconfig: fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url)),
  };
}

export const outputOptions = {
  format: "esm",
  // beside the entry points, so that paths from import.meta.url are the same as in src
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
  // they stand in the declarations, and in src for whoever debugs
  comments: { jsdoc: false },
};

/** The name in `dist` of what a source file is the entry point of: `./src/drivers/s3.ts` gives `drivers/s3`. */
export function entryName(source) {
  return source.replace(/^(\.\/)?src\//, "").replace(/\.ts$/, "");
}
