import { readFileSync } from "node:fs";
import { join } from "node:path";

/** `{ name: version }` of packages that this one depends on; read from their files, for not all export their manifest. */
export function versionsOf(...names) {
  return Object.fromEntries(
    names.map((name) => {
      const manifest = join(import.meta.dirname, "node_modules", name, "package.json");
      return [name, JSON.parse(readFileSync(manifest, "utf8")).version];
    }),
  );
}
