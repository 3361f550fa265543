/** What of a URL is signed, and what is not. */
export interface SignedUrl {
  /** Scheme and host, empty when the URL began with its path. */
  readonly origin: string;
  /** Path and query, as a browser sends them. */
  readonly target: string;
}

/**
 * Takes a URL apart that is to be signed.
 *
 * @throws TypeError when it can't be read or has a parameter `signature` already.
 */
export function readSignedUrl(url: string | URL): SignedUrl {
  const read = parse(String(url));
  if (!read) {
    throw new TypeError("signUrl: url must be http(s):, without credentials, or begin with one /");
  }
  if (/[?&]signature=/.test(read.target)) {
    throw new TypeError("signUrl: url has a parameter called signature already");
  }
  return read;
}

/**
 * Takes a signed URL apart; `undefined` when there is no signature at its end, or when it is not written as a browser
 * would send it: `/a/../b`, of which a signature for `/b` would be true, may be something else to whoever routes it.
 */
export function splitSignedUrl(
  url: string | URL,
): (SignedUrl & { readonly signature: string }) | undefined {
  const text = String(url);
  const read = parse(text);
  if (!read || text !== read.origin + read.target) return undefined;
  const [, target, signature] = /^(.*)[?&]signature=([^&]*)$/.exec(read.target) ?? [];
  if (target === undefined || signature === undefined) return undefined;
  return { origin: read.origin, target, signature };
}

function parse(text: string): SignedUrl | undefined {
  // two slashes would name a host
  const isRelative = /^\/(?![/\\])/.test(text);
  if (!URL.canParse(text, isRelative ? "http://relative.invalid" : undefined)) return undefined;
  const url = new URL(text, isRelative ? "http://relative.invalid" : undefined);
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) return undefined;
  return { origin: isRelative ? "" : url.origin, target: url.pathname + url.search };
}
