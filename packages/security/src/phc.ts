import { timingSafeEqual } from "node:crypto";

/** A hash in the PHC string format: `$name$v=19$m=19456,t=2,p=1$salt$hash`. */
export interface PhcHash {
  readonly version?: number | undefined;
  /** By name, whole numbers. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Writes a hash in the PHC string format. */
export function formatPhc(name: string, { version, parameters, salt, hash }: PhcHash): string {
  const list = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  const v = version === undefined ? "" : `$v=${version}`;
  return `$${name}${v}$${list.join(",")}$${base64(salt)}$${base64(hash)}`;
}

/** Reads one; `undefined` when it is none of this name, or lacks one of the parameters. */
export function parsePhc(
  name: string,
  text: string,
  parameterNames: readonly string[],
): PhcHash | undefined {
  const match =
    /^\$([a-z\d-]+)(?:\$v=(\d{1,9}))?\$([a-z\d=,]+)\$([A-Za-z\d+/]*)\$([A-Za-z\d+/]+)$/.exec(text);
  if (match?.[1] !== name) return undefined;
  const parameters: Record<string, number> = {};
  for (const each of match[3]!.split(",")) {
    const [, key, value] = /^([a-z]+)=(\d{1,10})$/.exec(each) ?? [];
    if (key === undefined || !parameterNames.includes(key)) return undefined;
    parameters[key] = Number(value);
  }
  if (parameterNames.some((key) => !Object.hasOwn(parameters, key))) return undefined;
  return {
    version: match[2] === undefined ? undefined : Number(match[2]),
    parameters,
    salt: Buffer.from(match[4]!, "base64"),
    hash: Buffer.from(match[5]!, "base64"),
  };
}

/** Whether two hashes are the same, in a time that does not say where they differ. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
