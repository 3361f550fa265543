/** What node is given to run a TypeScript source of this workspace, its dependencies' sources included. */
export const sourceFlags = [
  "--conditions=@infra/source",
  `--import=${import.meta.resolve("@oxc-node/core/register")}`,
];
