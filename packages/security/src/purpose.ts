/** @throws TypeError when the purpose is missing: what is for anything can be passed off for anything else. */
export function checkPurpose(purpose: unknown): void {
  if (typeof purpose === "string" && purpose !== "") return;
  throw new TypeError(`purpose must be a non-empty string, got ${JSON.stringify(purpose)}`);
}
