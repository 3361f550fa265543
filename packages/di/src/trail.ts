import type { Binding } from "./binding.js";

/** The way from what was asked for to what is being looked at. */
export interface Trail {
  readonly name: string;
  readonly binding: Binding;
  readonly parent: Trail | undefined;
}

/** The names from what was asked for to what is being looked at. */
export function pathOf(trail: Trail | undefined): string[] {
  const path: string[] = [];
  for (let at = trail; at; at = at.parent) path.unshift(at.name);
  return path;
}
