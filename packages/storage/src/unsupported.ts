import { UnsupportedError } from "./errors.js";

/** The error of a provider that lacks a capability. */
export function unsupported(
  { name }: { readonly name: string },
  capability: string,
  remedy = `it has no method ${capability}()`,
): Error {
  return new UnsupportedError(
    `the storage provider ${JSON.stringify(name)} has no ${capability}: ${remedy}`,
    { details: { provider: name, capability } },
  );
}
