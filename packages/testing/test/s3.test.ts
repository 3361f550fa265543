import { createHash, createHmac } from "node:crypto";
import { connect } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { startS3, type S3Fault, type S3Server } from "../src/s3.js";
import { combineCrc32 } from "../src/s3/crc32-combine.js";

let server: S3Server;
let fault: S3Fault | undefined;
beforeAll(async () => {
  server = await startS3({ minPartBytes: 10, intercept: () => fault });
});
afterAll(() => server.stop());

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const crc32c = "x-amz-checksum-crc32";
/** What the AWS client says of these contents. */
const crcOf123456789 = "y/Q5Jg==";

interface Init {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string;
  readonly secret?: string;
  readonly date?: Date;
}

/** A request, signed by a few lines that share nothing with the server's. */
async function call(
  path: string,
  init: Init = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const { method = "GET", body = "", payload = sha256(body), date = new Date() } = init;
  const url = new URL(path, server.url);
  const time = date.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const headers: Record<string, string> = {
    host: url.host,
    "x-amz-content-sha256": payload,
    "x-amz-date": time,
    ...init.headers,
  };
  const names = Object.keys(headers).toSorted();
  const query = [...url.searchParams]
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .toSorted()
    .join("&");
  const canonical = [
    method,
    url.pathname,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    payload,
  ].join("\n");
  const scope = `${time.slice(0, 8)}/${server.region}/s3/aws4_request`;
  const secret = init.secret ?? server.credentials.secretAccessKey;
  const key = scope
    .split("/")
    .reduce<Buffer>(
      (last, part) => createHmac("sha256", last).update(part).digest(),
      Buffer.from(`AWS4${secret}`),
    );
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const { host: _host, ...sent } = headers;
  const response = await fetch(url, {
    method,
    headers: {
      ...sent,
      authorization: `AWS4-HMAC-SHA256 Credential=${server.credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
    },
    ...(body !== "" && { body }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const put = (key: string, body: string, headers: Record<string, string> = {}) =>
  call(`/test/${key}`, { method: "PUT", body, headers });

const chunked = (trailer: string): Promise<{ status: number; text: string }> =>
  call("/test/chunked", {
    method: "PUT",
    payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    body: `4\r\n1234\r\n5\r\n56789\r\n0\r\n${trailer}\r\n`,
    headers: {
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": "9",
      "x-amz-trailer": crc32c,
    },
  });

const getRanged = (more: Record<string, string>) => call("/test/r", { headers: more });

const list = async (query: string) => (await call(`/test?list-type=2&prefix=l/&${query}`)).text;
const keysOf = (xml: string) =>
  [...xml.matchAll(/<(?:Key|CommonPrefixes><Prefix)>([^<]+)</g)].map(([, key]) => key);

const begin = async (key: string, headers: Record<string, string> = {}): Promise<string> => {
  const { text } = await call(`/test/${key}?uploads=`, { method: "POST", headers });
  return /<UploadId>([^<]+)</.exec(text)![1]!;
};
const part = async (key: string, id: string, number: number, body: string): Promise<string> =>
  (
    await call(`/test/${key}?partNumber=${number}&uploadId=${id}`, { method: "PUT", body })
  ).headers.get("etag") ?? "";
const complete = (key: string, id: string, parts: readonly (readonly [number, string])[]) =>
  call(`/test/${key}?uploadId=${id}`, {
    method: "POST",
    body: `<CompleteMultipartUpload>${parts
      .map(
        ([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
      )
      .join("")}</CompleteMultipartUpload>`,
  });

describe("startS3() signatures", () => {
  it("are checked", async () => {
    expect((await put("k", "x")).status).toBe(200);
    expect(await call("/test/k", { secret: "other" })).toMatchObject({
      status: 403,
      text: expect.stringContaining("<Code>SignatureDoesNotMatch</Code>"),
    });
    expect((await fetch(`${server.url}/test/k`)).status).toBe(403);
    const old = new Date(Date.now() - 20 * 60 * 1000);
    expect((await call("/test/k", { date: old })).text).toContain("RequestTimeTooSkewed");
  });

  it("cover the body", async () => {
    const lied = await call("/test/lied", { method: "PUT", body: "y", payload: sha256("x") });
    expect([lied.status, lied.text]).toEqual([
      400,
      expect.stringContaining("XAmzContentSHA256Mismatch"),
    ]);
    const free = await call("/test/free", {
      method: "PUT",
      body: "y",
      payload: "UNSIGNED-PAYLOAD",
    });
    expect(free.status).toBe(200);
    expect(server.keys()).not.toContain("lied");
  });
});

describe("startS3() bodies", () => {
  it("lose the framing of aws-chunked, and are held against its trailer", async () => {
    expect((await chunked(`${crc32c}:AAAAAA==\r\n`)).text).toContain("BadDigest");
    expect((await chunked("")).text).toContain("MalformedTrailer");
    expect(server.keys()).not.toContain("chunked");
    expect((await chunked(`${crc32c}:${crcOf123456789}\r\n`)).status).toBe(200);
    const { text, headers } = await call("/test/chunked");
    expect([text, headers.get("content-encoding")]).toEqual(["123456789", null]);
  });

  it("are held against checksums in the headers", async () => {
    const good = { [crc32c]: crcOf123456789 };
    expect((await put("sum", "123456789", good)).status).toBe(200);
    expect((await put("bad", "12345678", good)).text).toContain("BadDigest");
    const md5 = createHash("md5").update("x").digest("base64");
    expect((await put("md5", "x", { "content-md5": md5 })).status).toBe(200);
    expect((await put("bad", "y", { "content-md5": md5 })).text).toContain("BadDigest");
    expect(server.keys()).not.toContain("bad");
    const { headers } = await call("/test/sum", { headers: { "x-amz-checksum-mode": "ENABLED" } });
    expect(headers.get(crc32c)).toBe(crcOf123456789);
  });

  it("that break off leave nothing", async () => {
    const { port } = new URL(server.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write("PUT /test/half HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf", () =>
          socket.destroy(),
        );
      });
      socket.on("close", () => resolve());
    });
    expect(server.keys()).not.toContain("half");
  });
});

describe("startS3() objects", () => {
  it("have ranges and conditions", async () => {
    const { headers } = await put("r", "0123456789");
    const etag = headers.get("etag")!;
    expect(await getRanged({ range: "bytes=2-3" })).toMatchObject({ status: 206, text: "23" });
    expect(await getRanged({ range: "bytes=-2" })).toMatchObject({ status: 206, text: "89" });
    expect((await getRanged({ range: "bytes=10-" })).status).toBe(416);
    expect((await getRanged({ "if-none-match": etag })).status).toBe(304);
    expect((await getRanged({ "if-match": '"other"' })).status).toBe(412);
    expect((await put("r", "new", { "if-none-match": "*" })).status).toBe(412);
    expect((await put("r", "new", { "if-match": etag })).status).toBe(200);
    expect((await put("r", "newer", { "if-match": etag })).status).toBe(412);
  });

  it("are listed in pages and by folders", async () => {
    for (const key of ["l/a/1", "l/a/2", "l/b", "l/c"]) await put(key, key);
    const first = await list("max-keys=3");
    expect(keysOf(first)).toEqual(["l/a/1", "l/a/2", "l/b"]);
    const token = /<NextContinuationToken>([^<]+)</.exec(first)![1]!;
    expect(keysOf(await list(`continuation-token=${encodeURIComponent(token)}`))).toEqual(["l/c"]);
    expect(keysOf(await list("delimiter=/"))).toEqual(["l/b", "l/c", "l/a/"]);
    expect(keysOf(await list("start-after=l/b"))).toEqual(["l/c"]);
  });

  it("are deleted many at once", async () => {
    await put("d/<1>", "x").catch(() => undefined);
    await put("d/2", "x");
    const body = "<Delete><Object><Key>d/2</Key></Object><Object><Key>no</Key></Object></Delete>";
    expect((await call("/test?delete=", { method: "POST", body })).text).toContain(
      "<Key>d/2</Key>",
    );
    expect(server.keys()).not.toContain("d/2");
  });
});

describe("startS3() uploads in parts", () => {
  it("become one object, whose checksum is that of the whole when it is asked for", async () => {
    const id = await begin("m", {
      "x-amz-checksum-algorithm": "CRC32",
      "x-amz-checksum-type": "FULL_OBJECT",
    });
    const etags = [await part("m", id, 1, "0123456789"), await part("m", id, 2, "abc")] as const;
    expect(server.openUploads()).toEqual([{ key: "m", uploadId: id, parts: 2 }]);
    expect(
      (
        await complete("m", id, [
          [1, etags[0]],
          [2, '"no"'],
        ])
      ).text,
    ).toContain("InvalidPart");
    expect(
      (
        await complete("m", id, [
          [2, etags[1]],
          [1, etags[0]],
        ])
      ).text,
    ).toContain("InvalidPartOrder");
    expect(
      (
        await complete("m", id, [
          [1, etags[0]],
          [2, etags[1]],
        ])
      ).status,
    ).toBe(200);
    const whole = await call("/test/m", { headers: { "x-amz-checksum-mode": "ENABLED" } });
    expect(whole.text).toBe("0123456789abc");
    const direct = await put("direct", "0123456789abc");
    expect(whole.headers.get(crc32c)).toBe(direct.headers.get(crc32c));
    expect(server.openUploads()).toEqual([]);
  });

  it("refuse parts that are too small, and can be aborted", async () => {
    const id = await begin("s");
    const parts = [
      [1, await part("s", id, 1, "tiny")],
      [2, await part("s", id, 2, "x")],
    ] as const;
    expect((await complete("s", id, parts)).text).toContain("EntityTooSmall");
    expect((await call(`/test/s?uploadId=${id}`)).text).toContain("<PartNumber>2</PartNumber>");
    expect((await call(`/test/s?uploadId=${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await call(`/test/s?uploadId=${id}`)).text).toContain("NoSuchUpload");
    expect(server.keys()).not.toContain("s");
  });
});

describe("startS3() faults", () => {
  it("happen instead of the answer", async () => {
    fault = { status: 503, code: "SlowDown" };
    expect(await call("/test/k")).toMatchObject({
      status: 503,
      text: expect.stringContaining("SlowDown"),
    });
    fault = "cut";
    await expect(call("/test/k")).rejects.toThrow("fetch failed");
    fault = undefined;
  });

  it("does not know what it does not know", async () => {
    expect((await call("/test/k", { method: "PATCH" })).status).toBe(501);
    expect((await call("/other/k")).text).toContain("NoSuchBucket");
  });
});

describe("combineCrc32()", () => {
  it("is the checksum of the two one behind the other", () => {
    // "123456789", in two
    expect(combineCrc32(0x9be3e0a3, 0x131da070, 5).toString(16)).toBe("cbf43926");
    expect(combineCrc32(7, 0, 0)).toBe(7);
  });
});
