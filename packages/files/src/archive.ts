export type { ExtractOptions, ExtractResult } from "./archive/extract.js";
export { untar, type TarSource } from "./archive/untar.js";
export { unzip } from "./archive/unzip.js";
