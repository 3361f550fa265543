import { equal } from "./equal.js";
import { isPlainObject } from "./guards.js";
import { pointerTo } from "./json-pointer.js";

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string };

/**
 * What turns one JSON value into another, as a JSON Patch (RFC 6902); empty when they are equal. Takes time in proportion
 * to the size of the values: of an array only the part between its equal ends is rewritten, item by item.
 */
export function diff(from: unknown, to: unknown): PatchOperation[] {
  const operations: PatchOperation[] = [];
  compare(from, to, "", operations);
  return operations;
}

function compare(from: unknown, to: unknown, path: string, into: PatchOperation[]): void {
  if (Array.isArray(from) && Array.isArray(to)) compareArrays(from, to, path, into);
  else if (isPlainObject(from) && isPlainObject(to)) compareObjects(from, to, path, into);
  else if (!equal(from, to)) into.push({ op: "replace", path, value: to });
}

function compareObjects(
  from: Record<string, unknown>,
  to: Record<string, unknown>,
  path: string,
  into: PatchOperation[],
): void {
  for (const key of Object.keys(from)) {
    if (!Object.hasOwn(to, key)) into.push({ op: "remove", path: pointerTo(path, key) });
    else compare(from[key], to[key], pointerTo(path, key), into);
  }
  for (const key of Object.keys(to)) {
    if (!Object.hasOwn(from, key)) {
      into.push({ op: "add", path: pointerTo(path, key), value: to[key] });
    }
  }
}

function compareArrays(
  from: readonly unknown[],
  to: readonly unknown[],
  path: string,
  into: PatchOperation[],
): void {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && equal(from[start], to[start])) start++;
  let end = 0;
  while (end < shorter - start && equal(from.at(-1 - end), to.at(-1 - end))) end++;
  const common = shorter - end;
  for (let at = start; at < common; at++) compare(from[at], to[at], pointerTo(path, at), into);
  // from the back, so that the indices of what is left do not move
  for (let at = from.length - end - 1; at >= common; at--) {
    into.push({ op: "remove", path: pointerTo(path, at) });
  }
  for (let at = common; at < to.length - end; at++) {
    into.push({ op: "add", path: pointerTo(path, at), value: to[at] });
  }
}
