/**
 * Tests a package's README: each TypeScript block of "Usage" runs as a program of its own, exits with 0 and prints
 * what it claims (`console.log(x); // => text`, in order); the table of "Errors" has exactly the codes of
 * the package's registry, with the same words.
 */
export function describeReadme(
  packageFolder: URL,
  expected?: {
    /** The registry of the package: `defineErrors(…)`. */
    readonly errors?: { readonly codes: Readonly<Record<string, string>> };
    /** @default README.md in the package's folder */
    readonly readme?: URL;
    /** The sections whose blocks are run. @default ["Usage"] */
    readonly sections?: readonly string[];
    /** Variables added to the environment of the Usage blocks. */
    readonly env?: Readonly<Record<string, string>>;
  },
): void;
