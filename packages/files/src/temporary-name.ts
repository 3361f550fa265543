/** A name that nobody else has, for what is not finished yet. It starts with a dot and `infra-`, and ends in `.tmp`. */
export function temporaryName(): string {
  // loaded when it is needed: it takes as long as half of this package
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  return `.infra-${randomBytes(8).toString("hex")}.tmp`;
}

/** Whether a name (not a path) is one that `temporaryName` made. */
export function isTemporaryName(name: string): boolean {
  return /^\.infra-[0-9a-f]{16}\.tmp$/.test(name);
}
