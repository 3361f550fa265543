const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** 128 bits in Crockford's base 32: 26 characters, which sort as the bits do. */
export function toBase32(bytes: Uint8Array): string {
  let text = "";
  let value = 0;
  // 130 bits in 26 characters: two zero bits stand in front
  let bits = 2;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31]!;
    }
    value &= (1 << bits) - 1;
  }
  return text;
}

/** Whether a text is what {@link toBase32} writes. */
export function isBase32(text: string): boolean {
  return /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text);
}
