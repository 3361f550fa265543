import {
  InfraError,
  isErrorStatus,
  type ErrorDetails,
  type InfraErrorClass,
  type InfraErrorOptions,
} from "./infra-error.js";

/** One class of a registry. */
export interface ErrorDefinition<
  B extends InfraErrorClass = InfraErrorClass,
  D extends ErrorDetails = ErrorDetails,
> {
  /** `ERR_<PACKAGE>_<CONDITION>`. */
  readonly code: string;
  /** When it is thrown: the sentence that the package's README shows. */
  readonly when: string;
  /** What kind of error it is; gives the status and whether to try again. @default InfraError */
  readonly extends?: B;
  readonly status?: number;
  readonly retryable?: boolean;
  /** What to do about it, for the documentation page; Markdown. */
  readonly help?: string;
  /** The shape of `details`: `details: shape<{ table: string }>()`. */
  readonly details?: D;
}

type Instance<Def> = (Def extends { extends: InfraErrorClass<infer E> }
  ? OpenCode<E>
  : InfraError) &
  (Def extends { code: infer C extends string } ? { readonly code: C } : unknown) &
  (Def extends { details: infer D extends ErrorDetails } ? { readonly details: D } : unknown);

/** An error of a registry is open again to another code, where another class stands on its own. */
type OpenCode<E extends InfraError> = string extends E["code"] ? E : Omit<E, "code">;

/** The options of the class that it stands on, with the code and the details of its own. */
type Options<Def> = Omit<OptionsOf<Def extends { extends: infer B } ? B : undefined>, OwnOption> &
  Pick<
    InfraErrorOptions<Def extends { details: infer D extends ErrorDetails } ? D : ErrorDetails>,
    "details"
  >;

type OwnOption = "code" | "details";

type OptionsOf<B> = B extends new (message: string, options?: infer O) => InfraError
  ? NonNullable<O>
  : InfraErrorOptions;

/** A class made by {@link defineErrors}. */
export interface DefinedErrorClass<Def> extends Omit<InfraErrorClass, "new" | "prototype"> {
  new (message: string, options?: Options<Def>): Instance<Def>;
  is(value: unknown): value is Instance<Def>;
}

/** What {@link defineErrors} returns. */
export interface ErrorRegistry<Defs extends Readonly<Record<string, ErrorDefinition>>> {
  /** The classes by name. */
  readonly classes: { readonly [K in keyof Defs]: DefinedErrorClass<Defs[K]> };
  /** Every code, and when it is thrown. */
  readonly codes: Readonly<Record<string, string>>;
  /** Every code, and the HTTP status it amounts to. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The table `| code | when |` of a README. */
  toMarkdown(): string;
  /** A documentation page with a section for each code, in Markdown. */
  toPage(title: string): string;
}

/** The union of a registry's errors: `type DatabaseError = ErrorOf<typeof databaseErrors>`. */
export type ErrorOf<R> =
  R extends ErrorRegistry<infer Defs>
    ? { [K in keyof Defs]: Instance<Defs[K]> }[keyof Defs]
    : never;

/** Gives a definition's `details` their type; the value is never read. */
export function shape<D extends ErrorDetails>(): D {
  return {} as D;
}

/**
 * Makes a package's error classes from one table.
 *
 * @throws TypeError when a code is not `ERR_…` in capitals, or stands twice; RangeError when a status is no error's.
 */
export function defineErrors<const Defs extends Readonly<Record<string, ErrorDefinition>>>(
  definitions: Defs,
): ErrorRegistry<Defs> {
  const classes: Record<string, InfraErrorClass> = {};
  const codes: Record<string, string> = {};
  const statuses: Record<string, number> = {};
  const section = (name: string, { when, help }: ErrorDefinition): string => {
    const { code, status, retryable } = classes[name]!;
    const { kind } = Object.getPrototypeOf(classes[name]) as InfraErrorClass;
    const facts = `\`${name}\`, a \`${kind}\` · HTTP ${status} · ${retryable ? "worth another try" : "not worth another try as it is"}`;
    return [`## ${code}`, when, facts, ...(help === undefined ? [] : [help])].join("\n\n");
  };
  for (const [name, definition] of Object.entries(definitions)) {
    const { code, when } = definition;
    if (!/^ERR(_[A-Z0-9]+)+$/.test(code) || code in codes) {
      throw new TypeError(
        `defineErrors: ${name}.code must be an ERR_… code that no other class has, got ${JSON.stringify(code)}`,
      );
    }
    if (definition.status !== undefined && !isErrorStatus(definition.status)) {
      throw new RangeError(
        `defineErrors: ${name}.status must be a whole number from 400 to 599, got ${String(definition.status)}`,
      );
    }
    const made = defineClass(name, definition);
    classes[name] = made;
    codes[code] = when;
    statuses[code] = made.status;
  }
  return {
    classes: classes as unknown as ErrorRegistry<Defs>["classes"],
    codes,
    statuses,
    toMarkdown: () =>
      [
        "| code | when |",
        "| --- | --- |",
        ...Object.entries(codes).map(([code, when]) => `| \`${code}\` | ${when} |`),
      ].join("\n"),
    toPage: (title) =>
      [
        `# ${title}`,
        ...Object.entries(definitions).map(([name, each]) => section(name, each)),
      ].join("\n\n"),
  };
}

function defineClass(name: string, definition: ErrorDefinition): InfraErrorClass {
  const Base: InfraErrorClass = definition.extends ?? InfraError;
  const made = class extends Base {
    static override readonly kind: string = name;
    static override readonly code: string = definition.code;
    static override readonly status: number = definition.status ?? Base.status;
    static override readonly retryable: boolean = definition.retryable ?? Base.retryable;
  };
  Object.defineProperty(made, "name", { value: name });
  return made;
}
