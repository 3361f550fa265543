import { isPlainObject } from "./guards.js";

/** A copy of a JSON value that shares no object with it; anything that is not JSON stays as it is. */
export function cloneJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneJson);
  if (!isPlainObject(value)) return value;
  // defines the properties, where assigning one that is called __proto__ would set the prototype
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cloneJson(each)]));
}
