/** What a published package weighs, in bytes after gzip. */
export interface PackageSizes {
  /** Its JavaScript, by the path in `dist`. */
  readonly files: Readonly<Record<string, number>>;
  /**
   * What somebody pays who bundles and minifies a program that imports this one name, everything that comes with it
   * included; by subpath, then by name. Node.js's own modules cost nothing.
   */
  readonly imports: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Measures what `infra-build` would publish of a package. */
export function sizesOf(packageFolder: URL): Promise<PackageSizes>;
