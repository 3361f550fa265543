/**
 * What node is given to run a TypeScript source of this workspace, its dependencies' sources included:
 * `spawn(process.execPath, [...sourceFlags, file])`.
 */
export const sourceFlags: readonly string[];
