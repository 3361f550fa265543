import type { S3Object } from "./bucket.js";
import { bodyText, sendXml, type Call } from "./call.js";
import { elementsOf, textOf, type XmlElement } from "./xml.js";

export async function listObjects(call: Call): Promise<void> {
  const { url, bucket, bucketName } = call;
  const parameter = (name: string): string => url.searchParams.get(name) ?? "";
  const [prefix, delimiter, token] = [
    parameter("prefix"),
    parameter("delimiter"),
    parameter("continuation-token"),
  ];
  const after = token === "" ? parameter("start-after") : Buffer.from(token, "base64").toString();
  const limit = Math.min(1000, Number(url.searchParams.get("max-keys") ?? 1000));
  const encode = parameter("encoding-type") === "url" ? encodeURIComponent : (text: string) => text;
  const found: S3Object[] = [];
  const folders = new Set<string>();
  let last = "";
  let isTruncated = false;
  for (const object of sorted(bucket.objects.values())) {
    const { key } = object;
    if (!key.startsWith(prefix) || (after !== "" && compare(key, after) <= 0)) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const folder = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    if (folder !== undefined && (folders.has(folder) || (after !== "" && after.startsWith(folder))))
      continue;
    if (found.length + folders.size === limit) {
      isTruncated = true;
      break;
    }
    if (folder === undefined) found.push(object);
    else folders.add(folder);
    last = folder ?? key;
  }
  sendXml(call, [
    "ListBucketResult",
    [
      ["Name", bucketName],
      ["Prefix", encode(prefix)],
      ["KeyCount", found.length + folders.size],
      ["MaxKeys", limit],
      ["IsTruncated", isTruncated],
      ...(isTruncated
        ? ([["NextContinuationToken", Buffer.from(last).toString("base64")]] as const)
        : []),
      ...found.map(({ key, sizeBytes, etag, modifiedAt }): XmlElement => [
        "Contents",
        [
          ["Key", encode(key)],
          ["LastModified", modifiedAt.toISOString()],
          ["ETag", etag],
          ["Size", sizeBytes],
        ],
      ]),
      ...[...folders].map((folder): XmlElement => ["CommonPrefixes", [["Prefix", encode(folder)]]]),
    ],
  ]);
}

export async function deleteObjects(call: Call): Promise<void> {
  const xml = await bodyText(call);
  const keys = elementsOf(xml, "Object").map((object) => textOf(object, "Key") ?? "");
  for (const key of keys) await call.bucket.delete(key);
  const isQuiet = textOf(xml, "Quiet") === "true";
  const deleted = keys.map((key): XmlElement => ["Deleted", [["Key", key]]]);
  sendXml(call, ["DeleteResult", isQuiet ? [] : deleted]);
}

function sorted(objects: Iterable<S3Object>): S3Object[] {
  return [...objects].toSorted((a, b) => compare(a.key, b.key));
}

/** By the bytes of their UTF-8. */
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
