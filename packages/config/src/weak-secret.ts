/** Values that stand in samples and tutorials, and so are known to everybody. */
const samples: ReadonlySet<string> = new Set([
  "your-jwt-secret-key",
  "your-32-byte-encryption-key",
  "your-secret-key",
  "your-secret",
  "change-me",
  "changeme",
  "example",
  "password",
  "secret",
]);

/** Whether a secret is one that everybody knows. */
export function isWeakSecret(value: unknown): boolean {
  return typeof value === "string" && samples.has(value.trim().toLowerCase());
}
