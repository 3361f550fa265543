/** How the cookie with a session is set. */
export interface SessionCookie {
  readonly name: string;
  readonly value: string;
  /** In the form that `reply.setCookie(name, value, attributes)` takes. */
  readonly attributes: {
    readonly path: "/";
    readonly httpOnly: true;
    readonly secure: boolean;
    readonly sameSite: "lax";
    /** Seconds; `undefined`: until the browser is closed. */
    readonly maxAge?: number;
  };
}

/**
 * A cookie that scripts can't read and other sites' requests that change something don't carry.
 *
 * @throws TypeError when the name asks for TLS and `secure` is off.
 */
export function sessionCookie(
  name: string,
  value: string,
  options: { readonly secure: boolean; readonly maxAgeMs?: number | undefined },
): SessionCookie {
  if (!options.secure && /^__(Host|Secure)-/i.test(name)) {
    throw new TypeError(
      `a cookie without Secure can't be called ${name}: set cookie to another name`,
    );
  }
  const maxAge = options.maxAgeMs === undefined ? undefined : Math.ceil(options.maxAgeMs / 1000);
  return {
    name,
    value,
    attributes: {
      path: "/",
      httpOnly: true,
      secure: options.secure,
      sameSite: "lax",
      ...(maxAge !== undefined && { maxAge }),
    },
  };
}

/** The value of a header `Set-Cookie`, for who has no library for it. */
export function serialiseCookie({ name, value, attributes }: SessionCookie): string {
  const { path, secure, maxAge } = attributes;
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    "HttpOnly",
    ...(secure ? ["Secure"] : []),
    "SameSite=Lax",
  ].join("; ");
}
