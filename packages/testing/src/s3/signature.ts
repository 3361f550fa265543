import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { S3Failure } from "./s3-failure.js";

/** The one who may use the server. */
export interface S3Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

const algorithm = "AWS4-HMAC-SHA256";
const longestSkewMs = 15 * 60 * 1000;

/**
 * Checks the signature of a request, version 4, in its headers or, presigned, in its query.
 *
 * @returns what the signature says of the body: its SHA-256 in hex, or that it is not signed, or how it streams.
 * @throws S3Failure when it is missing, wrong or expired.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function checkSignature(request: IncomingMessage, url: URL, identity: S3Identity): string {
  const query = url.searchParams;
  if (query.has("X-Amz-Signature")) return checkPresigned(request, url, identity);
  const header = request.headers.authorization ?? "";
  const field = (name: string): string => new RegExp(`${name}=([^,\\s]+)`).exec(header)?.[1] ?? "";
  if (!header.startsWith(`${algorithm} `)) {
    throw new S3Failure(403, "AccessDenied", "the request is not signed");
  }
  const time = headerOf(request, "x-amz-date");
  checkTime(time, (at) => Math.abs(Date.now() - at) <= longestSkewMs, "RequestTimeTooSkewed");
  const payload = headerOf(request, "x-amz-content-sha256");
  const signedHeaders = field("SignedHeaders").split(";");
  for (const name of Object.keys(request.headers)) {
    if ((name === "host" || name.startsWith("x-amz-")) && !signedHeaders.includes(name)) {
      throw new S3Failure(403, "AccessDenied", `the header ${name} is not signed`);
    }
  }
  const canonical = canonicalRequest(request, url, signedHeaders, payload);
  check(field("Credential"), time, canonical, field("Signature"), identity);
  return payload;
}

function checkPresigned(request: IncomingMessage, url: URL, identity: S3Identity): string {
  const parameter = (name: string): string => url.searchParams.get(name) ?? "";
  const time = parameter("X-Amz-Date");
  const expiresMs = Number(parameter("X-Amz-Expires")) * 1000;
  checkTime(time, (at) => Date.now() < at + expiresMs, "AccessDenied");
  const payload = url.searchParams.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD";
  const signedHeaders = parameter("X-Amz-SignedHeaders").split(";");
  const canonical = canonicalRequest(request, url, signedHeaders, payload);
  check(parameter("X-Amz-Credential"), time, canonical, parameter("X-Amz-Signature"), identity);
  return payload;
}

/** The signature of the policy of a form. */
export function checkPolicySignature(
  fields: ReadonlyMap<string, string>,
  identity: S3Identity,
): void {
  const field = (name: string): string => fields.get(name) ?? "";
  const [, day = ""] = field("x-amz-credential").split("/");
  const expected = createHmac("sha256", signingKey(identity, day)).update(field("policy")).digest();
  checkIdentity(field("x-amz-credential"), identity);
  compare(field("x-amz-signature"), expected);
}

function check(
  credential: string,
  time: string,
  canonical: string,
  signature: string,
  identity: S3Identity,
): void {
  const [day, scope] = checkIdentity(credential, identity);
  const text = [algorithm, time, scope, sha256(canonical)].join("\n");
  compare(signature, createHmac("sha256", signingKey(identity, day)).update(text).digest());
}

function checkIdentity(credential: string, identity: S3Identity): [day: string, scope: string] {
  const [accessKeyId, day = "", region, service, end] = credential.split("/");
  if (accessKeyId !== identity.accessKeyId) throw new S3Failure(403, "InvalidAccessKeyId");
  if (region !== identity.region || service !== "s3" || end !== "aws4_request") {
    throw new S3Failure(
      400,
      "AuthorizationHeaderMalformed",
      `expected the region ${identity.region}`,
    );
  }
  return [day, [day, region, service, end].join("/")];
}

function compare(signature: string, expected: Buffer): void {
  const given = Buffer.from(signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new S3Failure(403, "SignatureDoesNotMatch");
  }
}

function signingKey({ secretAccessKey, region }: S3Identity, day: string): Buffer {
  let key: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of [day, region, "s3", "aws4_request"]) {
    key = createHmac("sha256", key).update(part).digest();
  }
  return key as Buffer;
}

function canonicalRequest(
  request: IncomingMessage,
  url: URL,
  signedHeaders: readonly string[],
  payload: string,
): string {
  const path = url.pathname
    .split("/")
    .map((part) => encode(decodeURIComponent(part)))
    .join("/");
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join("&");
  const headers = signedHeaders.map((name) => {
    const value = request.headers[name] ?? "";
    return `${name}:${String(value).trim().replaceAll(/ +/g, " ")}\n`;
  });
  return [request.method, path, query, headers.join(""), signedHeaders.join(";"), payload].join(
    "\n",
  );
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function checkTime(time: string, holds: (at: number) => boolean, code: string): void {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at) || !holds(at)) throw new S3Failure(403, code, "Request has expired");
}

const headerOf = (request: IncomingMessage, name: string): string =>
  String(request.headers[name] ?? "");

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
