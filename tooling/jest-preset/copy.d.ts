/** A second copy of a package, as two versions in one node_modules give: same sources, classes of its own. */
export function importCopy<Module>(packageFolder: URL): Promise<Module>;
