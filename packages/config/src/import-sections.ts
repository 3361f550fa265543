import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import type { ConfigSection } from "@infra/interfaces";

/** What can teach Node.js to read TypeScript, in the order of preference: a module, and the file beside it that does. */
const loaders = [
  ["@oxc-node/core", "register.mjs"],
  ["tsx/esm", "index.mjs"],
] as const;

/**
 * The sections that a module exports, by whatever name, alone or in lists.
 *
 * @param name - a file, or a package, as seen from the folder `cwd`.
 * @throws Error when the module can't be loaded or exports no section.
 */
export async function importSections(name: string, cwd: string): Promise<ConfigSection[]> {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importFrom(cwd, name);
  } catch (error) {
    throw new Error(`can't load ${name}: ${(error as Error).message}`, { cause: error });
  }
  const sections = Object.values(exported).flat().filter(isSection);
  if (sections.length === 0) throw new Error(`${name} exports no section (see defineSection)`);
  return sections;
}

async function importFrom(cwd: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  // packages are those that the folder sees, not those beside this file
  const require = createRequire(join(cwd, "infra-config.js"));
  const file = resolve(cwd, name);
  const isFile = isAbsolute(name) || name.startsWith(".") || existsSync(file);
  const url = pathToFileURL(isFile ? file : require.resolve(name));
  const loader = /\.[cm]?ts$/.test(url.pathname) ? loaderOf(require) : undefined;
  if (loader) await import(loader.href);
  try {
    return (await import(url.href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    // before 22.18, Node.js has to be taught TypeScript
    if ((error as NodeJS.ErrnoException).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    throw new Error("it is not JavaScript; install @oxc-node/core, or name the compiled file", {
      cause: error,
    });
  }
}

function loaderOf(require: NodeJS.Require): URL | undefined {
  for (const [name, file] of loaders) {
    try {
      return new URL(file, pathToFileURL(require.resolve(name)));
    } catch {
      // not installed; the next one may be
    }
  }
  return undefined;
}

/** By shape: the module may stand on another copy of `@infra/interfaces`. */
function isSection(value: unknown): value is ConfigSection {
  const { name, settings, defaults } = (value ?? {}) as Partial<Record<string, unknown>>;
  return (
    typeof name === "string" &&
    typeof settings === "object" &&
    settings !== null &&
    typeof defaults === "function"
  );
}
