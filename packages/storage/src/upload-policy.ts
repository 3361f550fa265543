import { contentTypeOf } from "@infra/files/content-type";
import { toBytes, type StoreFileRequest } from "@infra/interfaces";

import { TypeRefusedError } from "./errors.js";

/** What may come in. */
export interface IncomingPolicy {
  readonly maxBytes: number;
  /** Lists of types; those that are there all hold. */
  readonly allowedTypes: readonly (readonly string[] | undefined)[];
}

/** What may come in by a call: the bounds of the service and those of the call hold, both. @throws RangeError */
export function incomingPolicy(
  service: { readonly maxBytes: number; readonly allowedTypes: readonly string[] | undefined },
  { maxSize, allowedTypes }: Pick<StoreFileRequest, "maxSize" | "allowedTypes">,
): IncomingPolicy {
  const maxBytes = maxSize === undefined ? Infinity : toBytes(maxSize, "maxSize");
  return {
    maxBytes: Math.min(service.maxBytes, maxBytes),
    allowedTypes: [service.allowedTypes, allowedTypes && typePatterns(allowedTypes)],
  };
}

/**
 * Patterns of types, checked: `image/png`, or `image/*` for all of a kind.
 *
 * @throws RangeError naming the one that is neither.
 */
export function typePatterns(
  patterns: readonly string[],
  name = "allowedTypes",
): readonly string[] {
  for (const pattern of patterns) {
    if (typeof pattern === "string" && /^[a-z]+\/([a-z0-9.+-]+|\*)$/i.test(pattern)) continue;
    throw new RangeError(
      `${name} must hold types such as "image/png" or "image/*", got ${JSON.stringify(pattern)}`,
    );
  }
  return patterns.map((pattern) => pattern.toLowerCase());
}

/** Whether a type, with or without parameters, is what a pattern names. */
export function matchesType(type: string, pattern: string): boolean {
  const essence = type.split(";", 1)[0]!.trim().toLowerCase();
  return pattern.endsWith("/*") ? essence.startsWith(pattern.slice(0, -1)) : essence === pattern;
}

/**
 * Refuses content that is none of the types that are allowed, whatever it is called, or that would be kept as another.
 *
 * @param sample the first bytes of the content.
 * @param declared the type that it would be kept as, when somebody said so.
 * @throws TypeRefusedError (`ERR_STORAGE_TYPE_REFUSED`)
 */
export function checkType(
  sample: Uint8Array,
  key: string,
  declared: string | undefined,
  allowedTypes: readonly string[] | undefined,
): void {
  if (allowedTypes === undefined) return;
  const isAllowed = (type: string): boolean =>
    allowedTypes.some((pattern) => matchesType(type, pattern));
  const refused = (type: string, why: string): Error =>
    new TypeRefusedError(
      `${JSON.stringify(key)} ${why} ${type}; allowed are ${allowedTypes.join(", ")}`,
      {
        details: { type, allowedTypes },
        publicMessage: `Files of the type ${type} are not allowed.`,
      },
    );
  const type = provenType(sample, key);
  if (!isAllowed(type)) throw refused(type, "is");
  if (declared !== undefined && !isAllowed(declared)) throw refused(declared, "is declared as");
}

/** What the bytes prove. A name counts only for telling one kind of text from another. */
function provenType(sample: Uint8Array, key: string): string {
  const named = contentTypeOf(sample, key);
  if (named.source === "content") return named.type;
  const unnamed = contentTypeOf(sample);
  return unnamed.source === "content" ? named.type : unnamed.type;
}
