import { isIP } from "node:net";

/**
 * Whom an address belongs to, as far as it can be told: an IPv4 address by itself, also one written as IPv6; of IPv6 the
 * first 64 bits, for whoever has one address there has 2^64. Anything else as it is.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/s, "").toLowerCase();
  if (isIP(plain) !== 6) return plain;
  // a URL writes an IPv6 address in its one canonical form, dotted parts as hexadecimal
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill("0");
  const groups = [...before, ...zeros, ...after];
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") {
    const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}
