import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { crc32 } from "node:zlib";

import { etagOf, rememberedHeaders } from "./bucket.js";
import { sendEmpty, type Call } from "./call.js";
import { toBase64 } from "./request-body.js";
import { S3Failure } from "./s3-failure.js";
import { checkPolicySignature, type S3Identity } from "./signature.js";

/** Fields that no condition has to name. */
const free = new Set(["x-amz-signature", "policy", "file"]);

/**
 * Stores the file of a form, when its signed policy allows it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export async function postForm(call: Call, identity: S3Identity): Promise<void> {
  const { request, bucket, bucketName, blobs } = call;
  const { fields, file } = await readForm(call);
  checkPolicySignature(fields, identity);
  const content = Buffer.from(await file.arrayBuffer());
  checkPolicy(fields, bucketName, content.length);
  const key = (fields.get("key") ?? "").replace("${filename}", file.name);
  if (key === "") throw new S3Failure(400, "InvalidArgument", "the form has no key");
  const blob = await blobs.write(Readable.from([content]), () => crc32(content));
  const etag = etagOf(blob);
  await bucket.put({
    key,
    blobs: [blob],
    etag,
    crc32: toBase64(blob.crc32),
    checksumType: "FULL_OBJECT",
    headers: rememberedHeaders(Object.fromEntries(fields)),
  });
  const status = Number(fields.get("success_action_status") ?? 204);
  sendEmpty(call, status, {
    etag,
    location: `http://${request.headers.host}/${bucketName}/${key}`,
  });
}

async function readForm({
  request,
}: Call): Promise<{ readonly fields: ReadonlyMap<string, string>; readonly file: File }> {
  const body = Readable.toWeb(request) as ReadableStream<Uint8Array>;
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  let form: FormData;
  try {
    form = await new Response(body as never, { headers }).formData();
  } catch {
    throw new S3Failure(400, "MalformedPOSTRequest");
  }
  const fields = new Map<string, string>();
  let file: File | undefined;
  for (const [name, value] of form) {
    if (typeof value === "string") fields.set(name.toLowerCase(), value);
    else if (name.toLowerCase() === "file") file = value;
  }
  if (!file) throw new S3Failure(400, "InvalidArgument", "POST requires exactly one file upload");
  return { fields, file };
}

function refused(why: string): S3Failure {
  return new S3Failure(403, "AccessDenied", `Invalid according to Policy: ${why}`);
}

function checkPolicy(
  fields: ReadonlyMap<string, string>,
  bucketName: string,
  sizeBytes: number,
): void {
  const policy = JSON.parse(
    Buffer.from(fields.get("policy") ?? "", "base64").toString() || "{}",
  ) as {
    readonly expiration?: string;
    readonly conditions?: readonly (Record<string, string> | readonly (string | number)[])[];
  };
  if (!(Date.parse(policy.expiration ?? "") > Date.now())) throw refused("Policy expired.");
  const named = new Set<string>();
  const values = new Map([...fields, ["bucket", bucketName]]);
  for (const condition of policy.conditions ?? []) {
    const [kind, first, second] = Array.isArray(condition)
      ? (condition as readonly (string | number)[])
      : ["eq", ...Object.entries(condition as Record<string, string>)[0]!];
    if (kind === "content-length-range") {
      if (sizeBytes < Number(first)) throw new S3Failure(400, "EntityTooSmall");
      if (sizeBytes > Number(second)) throw new S3Failure(400, "EntityTooLarge");
      continue;
    }
    const name = String(first).replace(/^\$/, "").toLowerCase();
    const value = values.get(name) ?? "";
    named.add(name);
    const holds =
      kind === "starts-with" ? value.startsWith(String(second)) : value === String(second);
    if (!holds) throw refused(`Policy Condition failed: ${JSON.stringify(condition)}`);
  }
  for (const name of fields.keys()) {
    if (!named.has(name) && !free.has(name)) throw refused(`Extra input fields: ${name}`);
  }
}
