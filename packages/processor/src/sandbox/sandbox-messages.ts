import type { SerialisedError } from "@infra/errors";

/** What a sandbox's process is told to do. */
export interface SandboxCall {
  /** The URL of the module. */
  readonly module: string;
  /** The function that it exports. */
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What came of it. */
export type SandboxAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: SerialisedError };
