import type { StoreFileOptions } from "@infra/interfaces";

/** What S3 holds of an application's own metadata, less what this package adds. */
const maxMetadataBytes = 1900;

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Refuses what some provider, or an HTTP header, could not hold.
 *
 * @throws TypeError or RangeError naming the option.
 */
export function checkAttributes(
  options: Pick<
    StoreFileOptions,
    "contentType" | "contentDisposition" | "cacheControl" | "metadata" | "sha256"
  >,
): void {
  for (const name of ["contentType", "contentDisposition", "cacheControl"] as const) {
    const value = options[name];
    if (value === undefined) continue;
    if (typeof value !== "string")
      throw new TypeError(`${name} must be a string, got ${typeof value}`);
    // oxlint-disable-next-line no-control-regex
    if (value === "" || /[^\u0020-\u007e]/.test(value)) {
      throw new RangeError(
        `${name} must be printable ASCII, as HTTP headers are${name === "contentDisposition" ? " (see attachment())" : ""}, got ${JSON.stringify(value)}`,
      );
    }
  }
  const { sha256, metadata = {} } = options;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new RangeError(`sha256 must be 64 digits in hex, got ${JSON.stringify(sha256)}`);
  }
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || name.startsWith("infra-")) {
      throw new RangeError(
        `metadata: names are lower-case letters, digits and . _ -, and don't begin with "infra-"; got ${JSON.stringify(name)}`,
      );
    }
    if (typeof value !== "string") {
      throw new TypeError(`metadata.${name} must be a string, got ${typeof value}`);
    }
    if (control.test(value) || /\p{Surrogate}/u.test(value) || value.trim() !== value) {
      throw new RangeError(
        `metadata.${name} must have no control characters, and no spaces around it; got ${JSON.stringify(value)}`,
      );
    }
    bytes += name.length + Buffer.byteLength(value);
  }
  if (bytes > maxMetadataBytes) {
    throw new RangeError(
      `metadata: names and values together must not be more than ${maxMetadataBytes} bytes, got ${bytes}`,
    );
  }
}
