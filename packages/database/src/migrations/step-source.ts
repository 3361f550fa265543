import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { MigrationSourceError } from "../errors.js";
import { importModule } from "./import-module.js";

/** What migrations and seeds have in common. */
interface Step {
  readonly name: string;
}

/** Where steps come from: a folder of modules, or a list in order. */
export type StepSource<S extends Step> = string | URL | readonly S[];

/** A step that is known by name, and read when it is needed. */
export interface StepEntry<S extends Step> {
  readonly name: string;
  load(): Promise<S>;
}

const extension = /(?<!\.d)\.[cm]?[jt]s$/;

/**
 * The steps in their order.
 *
 * @param kind - what a step is called, in errors
 * @param main - the function that a module has to export
 * @throws MigrationSourceError when there is no source, the folder can't be read, or two steps have one name.
 */
export async function readSteps<S extends Step>(
  source: StepSource<S> | undefined,
  kind: "migration" | "seed",
  main: keyof S & string,
): Promise<readonly StepEntry<S>[]> {
  if (source === undefined) {
    throw new MigrationSourceError(
      `there are no ${kind}s: give DatabaseService the option ${kind}s, a folder or a list`,
    );
  }
  const entries =
    typeof source === "string" || source instanceof URL
      ? await readFolder<S>(
          source instanceof URL ? fileURLToPath(source) : resolve(source),
          kind,
          main,
        )
      : source.map((step) => ({ name: step.name, load: () => Promise.resolve(step) }));
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (typeof name !== "string" || name === "" || seen.has(name)) {
      throw new MigrationSourceError(
        seen.has(name)
          ? `two ${kind}s are called ${JSON.stringify(name)}`
          : `a ${kind} needs a name, got ${JSON.stringify(name)}`,
        { details: { migration: name } },
      );
    }
    seen.add(name);
  }
  return entries;
}

/** A name has no extension, so that a built step is the one that its source was. */
export function stepName(file: string): string {
  return file.replace(extension, "");
}

async function readFolder<S extends Step>(
  folder: string,
  kind: string,
  main: keyof S & string,
): Promise<readonly StepEntry<S>[]> {
  let files: string[];
  try {
    files = await readdir(folder);
  } catch (cause) {
    throw new MigrationSourceError(`cannot read the folder of ${kind}s ${folder}`, { cause });
  }
  return files
    .filter((file) => extension.test(file))
    .toSorted()
    .map((file) => {
      const name = stepName(file);
      return { name, load: () => loadFile<S>(resolve(folder, file), name, kind, main) };
    });
}

async function loadFile<S extends Step>(
  path: string,
  name: string,
  kind: string,
  main: keyof S & string,
): Promise<S> {
  let module: Partial<S> & { readonly default?: Partial<S> };
  try {
    module = (await importModule(path)) as typeof module;
  } catch (cause) {
    throw new MigrationSourceError(
      `the ${kind} ${path} does not load: ${(cause as Error).message}`,
      { cause, details: { migration: name } },
    );
  }
  const step = typeof module[main] === "function" ? module : module.default;
  if (typeof step?.[main] !== "function") {
    throw new MigrationSourceError(`the ${kind} ${path} exports no function ${main}(knex)`, {
      details: { migration: name },
    });
  }
  return { ...step, name } as S;
}
