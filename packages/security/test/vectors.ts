import { readFileSync } from "node:fs";

/** Published test vectors, each with its source. */
export type Vector = Readonly<Record<string, string>> & { readonly source: string };

/** A file of vectors/. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8")) as T;
}

export function hex(text: string | undefined): Buffer {
  return Buffer.from(text ?? "", "hex");
}
