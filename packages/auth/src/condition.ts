/** What a field has to be: a value, one of several, or not a value. */
export type FieldTest =
  | string
  | number
  | boolean
  | null
  | { readonly in: readonly (string | number | boolean)[] }
  | { readonly not: string | number | boolean | null };

/** What a resource has to be like: every field of it. */
export type FieldTests = Readonly<Record<string, FieldTest>>;

/** A condition over the fields of a resource, such that it can be asked of one, and of a database. */
export type Condition =
  | { readonly kind: "always" }
  | { readonly kind: "never" }
  | { readonly kind: "fields"; readonly fields: FieldTests }
  | { readonly kind: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition };

export const always: Condition = { kind: "always" };
export const never: Condition = { kind: "never" };

/** Both, all of them; simplified. */
export function allOf(conditions: readonly Condition[]): Condition {
  const rest = conditions.filter(({ kind }) => kind !== "always");
  if (rest.some(({ kind }) => kind === "never")) return never;
  return rest.length > 1 ? { kind: "all", of: rest } : (rest[0] ?? always);
}

/** One of them, at least; simplified. */
export function anyOf(conditions: readonly Condition[]): Condition {
  const rest = conditions.filter(({ kind }) => kind !== "never");
  if (rest.some(({ kind }) => kind === "always")) return always;
  return rest.length > 1 ? { kind: "any", of: rest } : (rest[0] ?? never);
}

/** The contrary; simplified. */
export function not(condition: Condition): Condition {
  if (condition.kind === "always") return never;
  if (condition.kind === "never") return always;
  return { kind: "not", of: condition };
}

/** Whether a resource is like this. A field that it does not have is `undefined`, which is no value, and `null` too. */
export function matches(condition: Condition, resource: unknown): boolean {
  switch (condition.kind) {
    case "always":
      return true;
    case "never":
      return false;
    case "all":
      return condition.of.every((each) => matches(each, resource));
    case "any":
      return condition.of.some((each) => matches(each, resource));
    case "not":
      return !matches(condition.of, resource);
    default:
      return Object.entries(condition.fields).every(([name, test]) =>
        passes(fieldOf(resource, name), test),
      );
  }
}

function fieldOf(resource: unknown, name: string): unknown {
  if (typeof resource !== "object" || resource === null) return undefined;
  // what every object has is no field
  return Object.hasOwn(resource, name) || !(name in Object.prototype)
    ? (resource as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function passes(value: unknown, test: FieldTest): boolean {
  const given = value ?? null;
  if (typeof test !== "object" || test === null) return given === test;
  if ("in" in test) return test.in.includes(given as string);
  return given !== test.not;
}
