/** Where files are kept, as the URL says. */
export type StorageUrl =
  | { readonly scheme: "memory"; readonly masked: string }
  | { readonly scheme: "file"; readonly directory: string; readonly masked: string }
  | { readonly scheme: "s3"; readonly s3: S3Url; readonly masked: string };

/** What an `s3:` URL can say. */
export interface S3Url {
  readonly bucket: string;
  readonly prefix?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly forcePathStyle?: boolean;
  readonly checksums?: boolean;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const parameters = new Set(["region", "endpoint", "forcePathStyle", "checksums"]);

/**
 * Reads a storage URL.
 *
 * @throws RangeError when it can't be understood; never quotes a password.
 */
export function parseStorageUrl(url: string): StorageUrl {
  if (typeof url !== "string") throw new TypeError(`url must be a string, got ${typeof url}`);
  const [, scheme, rest = ""] = /^([a-z0-9]+):(.*)$/is.exec(url) ?? [];
  switch (scheme?.toLowerCase()) {
    case "memory":
      if (rest !== "") throw new RangeError(`url must be "memory:", got ${JSON.stringify(url)}`);
      return { scheme: "memory", masked: "memory:" };
    case "file":
      return { scheme: "file", directory: directoryOf(rest), masked: url };
    case "s3":
      return {
        scheme: "s3",
        s3: parseS3(url),
        masked: url.replace(/(:\/\/[^:@/?]*:)[^@/?]*@/, "$1***@"),
      };
    default:
      throw new RangeError(
        `url must begin with file:, memory: or s3://, got ${scheme === undefined ? "no URL" : `the scheme ${JSON.stringify(`${scheme}:`)}`}`,
      );
  }
}

/** `file:./data`, `file:/srv/data` and `file:///srv/data`. */
function directoryOf(rest: string): string {
  const directory = decodeURIComponent(rest.replace(/^\/\/(?=\/)/, ""));
  if (directory === "" || directory.startsWith("//")) {
    throw new RangeError(
      `url must name a directory, as in "file:./data/files" and "file:/srv/files"; got ${JSON.stringify(`file:${rest}`)}`,
    );
  }
  return directory;
}

function parseS3(text: string): S3Url {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname) {
    throw new RangeError('url must read "s3://bucket?region=…&endpoint=…"');
  }
  for (const name of url.searchParams.keys()) {
    if (parameters.has(name)) continue;
    throw new RangeError(
      `url has the parameter ${JSON.stringify(name)}; s3: URLs know ${[...parameters].join(", ")}`,
    );
  }
  const parameter = (name: string): string | undefined => url.searchParams.get(name) || undefined;
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+/, "").replace(/\/+$/, "");
  const region = parameter("region");
  const endpoint = parameter("endpoint");
  const forcePathStyle = yesOrNo("forcePathStyle", parameter("forcePathStyle"));
  const checksums = yesOrNo("checksums", parameter("checksums"));
  return {
    bucket: url.hostname,
    ...(prefix !== "" && { prefix }),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
    ...(checksums !== undefined && { checksums }),
    ...(url.username !== "" && {
      credentials: {
        accessKeyId: decodeURIComponent(url.username),
        secretAccessKey: decodeURIComponent(url.password),
      },
    }),
  };
}

function yesOrNo(name: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (value === "true" || value === "false") return value === "true";
  throw new RangeError(`url: ${name} must be "true" or "false", got ${JSON.stringify(value)}`);
}
