import { cloneJson } from "./clone-json.js";
import type { PatchOperation } from "./diff.js";
import { equal } from "./equal.js";
import { PatchFailedError } from "./errors.js";
import { parsePointer } from "./json-pointer.js";

type Container = Record<string, unknown> | unknown[];

/**
 * Applies a JSON Patch (RFC 6902) to a copy of a JSON value, and returns the copy: all of it or, when an operation does
 * not fit, none. No path reaches a prototype.
 *
 * @throws PatchFailedError `ERR_UTILS_PATCH_FAILED`, with the operation's index and path.
 */
export function patch(value: unknown, operations: readonly PatchOperation[]): unknown {
  // one property holds the root, so that the root can be replaced like anything else
  const document = { root: cloneJson(value) };
  for (const [index, operation] of operations.entries()) {
    const problem = apply(document, operation);
    if (problem !== undefined) {
      throw new PatchFailedError(`operation ${index} (${operation.op}): ${problem}`, {
        details: { index, path: operation.path },
      });
    }
  }
  return document.root;
}

/** What is wrong, in words; `undefined` when nothing is. */
function apply(document: { root: unknown }, operation: PatchOperation): string | undefined {
  switch (operation.op) {
    case "add":
      return add(document, operation.path, cloneJson(operation.value));
    case "remove":
      return remove(document, operation.path);
    case "replace":
      return replace(document, operation.path, cloneJson(operation.value));
    case "test": {
      const found = find(document, operation.path);
      return found && equal(found.value, operation.value)
        ? undefined
        : `what is at ${JSON.stringify(operation.path)} is not what the test expects`;
    }
    case "copy":
    case "move": {
      const found = find(document, operation.from);
      if (!found) return missing(operation.from);
      if (operation.op === "copy") return add(document, operation.path, cloneJson(found.value));
      if (
        `${operation.path}/`.startsWith(`${operation.from}/`) &&
        operation.path !== operation.from
      ) {
        return `${JSON.stringify(operation.from)} can't be moved into itself`;
      }
      return remove(document, operation.from) ?? add(document, operation.path, found.value);
    }
    default:
      return `${JSON.stringify((operation as { op: unknown }).op)} is no operation`;
  }
}

function add(document: object, pointer: string, value: unknown): string | undefined {
  const target = locate(document, pointer);
  if (!target) return missing(pointer);
  const { parent, key } = target;
  if (!Array.isArray(parent)) parent[key] = value;
  else {
    const at = key === "-" ? parent.length : indexOf(key, parent.length);
    if (at === undefined) return missing(pointer);
    parent.splice(at, 0, value);
  }
  return undefined;
}

function remove(document: object, pointer: string): string | undefined {
  const found = find(document, pointer);
  if (!found) return missing(pointer);
  if (Array.isArray(found.parent)) found.parent.splice(Number(found.key), 1);
  else delete found.parent[found.key];
  return undefined;
}

function replace(document: object, pointer: string, value: unknown): string | undefined {
  const found = find(document, pointer);
  if (!found) return missing(pointer);
  (found.parent as Record<string, unknown>)[found.key] = value;
  return undefined;
}

function find(
  document: object,
  pointer: string,
): { readonly parent: Container; readonly key: string; readonly value: unknown } | undefined {
  const target = locate(document, pointer);
  if (!target || !holds(target.parent, target.key)) return undefined;
  return { ...target, value: (target.parent as Record<string, unknown>)[target.key] };
}

/** What holds the last step of the path, which need not exist itself. */
function locate(
  document: object,
  pointer: string,
): { readonly parent: Container; readonly key: string } | undefined {
  const path = parsePointer(pointer);
  if (!path) return undefined;
  const steps = ["root", ...path];
  const key = steps.pop()!;
  let parent: unknown = document;
  for (const step of steps) {
    if (!holds(parent, step)) return undefined;
    parent = (parent as Record<string, unknown>)[step];
  }
  return typeof parent === "object" && parent !== null
    ? { parent: parent as Container, key }
    : undefined;
}

function holds(container: unknown, key: string): boolean {
  if (Array.isArray(container)) return indexOf(key, container.length - 1) !== undefined;
  return typeof container === "object" && container !== null && Object.hasOwn(container, key);
}

function indexOf(key: string, most: number): number | undefined {
  return /^(?:0|[1-9]\d*)$/.test(key) && Number(key) <= most ? Number(key) : undefined;
}

function missing(pointer: string): string {
  return `there is no ${JSON.stringify(pointer)}`;
}
