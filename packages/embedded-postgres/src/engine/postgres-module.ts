import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A WebAssembly.Module, which may be sent to a thread. */
export type PostgresModule = object;

interface Compiler {
  compile(bytes: Uint8Array): Promise<PostgresModule>;
}

let compiled: Promise<PostgresModule> | undefined;

/** PostgreSQL, compiled once for all engines of the process and their threads. */
export function postgresModule(): Promise<PostgresModule> {
  compiled ??= compile().catch((error: unknown) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}

async function compile(): Promise<PostgresModule> {
  // a global that the types of Node.js leave to those of browsers
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Compiler };
  const file = fileURLToPath(import.meta.resolve("@electric-sql/pglite/pglite.wasm"));
  return WebAssembly.compile(await readFile(file));
}
