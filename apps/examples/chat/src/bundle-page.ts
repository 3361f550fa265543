import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";

const fromSource = import.meta.url.endsWith(".ts");

/** The page's code, with the client of `@infra/pubsub`, as one module for browsers. */
export async function bundlePage(): Promise<string> {
  const page = new URL(fromSource ? "./page/page.ts" : "./page/page.js", import.meta.url);
  const bundle = await rolldown({
    input: fileURLToPath(page),
    platform: "browser",
    tsconfig: false,
    resolve: {
      conditionNames: [...(fromSource ? ["@infra/source"] : []), "browser", "import", "default"],
      extensionAlias: { ".js": [".ts", ".js"] },
    },
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  return output[0].code;
}
