import { gunzipSync, gzipSync } from "node:zlib";

import { describe, expect, it } from "@jest/globals";

import { formatCsv, formatNdjson, gunzip, gzip, parseCsv, parseNdjson } from "../src/codecs.js";
import { Pipeline } from "../src/index.js";
import { rejection } from "./images.js";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const text = async (chunks: AsyncIterable<string | Uint8Array>): Promise<string> =>
  Buffer.concat((await all(chunks)).map((chunk) => Buffer.from(chunk as string))).toString();

/** In pieces of a few bytes, which cut lines and characters in two. */
function* pieces(content: string | Buffer, size = 3): Generator<Uint8Array> {
  const bytes = Buffer.from(content as string);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function* endless(first: string, rest: string): Generator<string> {
  yield first;
  for (;;) yield rest;
}

describe("parseCsv()", () => {
  it("gives objects by the first line, with quotes, line breaks, and without a byte order mark", async () => {
    const csv = '\ufeffname,said\n"Müller, Ada","one\ntwo ""three"""\n\nBob,\n';
    expect(await all(parseCsv()(pieces(csv)))).toEqual([
      { name: "Müller, Ada", said: 'one\ntwo "three"' },
      { name: "Bob", said: "" },
    ]);
  });

  it("gives arrays, or objects by names of its own", async () => {
    expect(
      await all(
        parseCsv<string[]>({ columns: false, delimiter: ";", trim: true })(["a; b\n1;2\n"]),
      ),
    ).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
    expect(await all(parseCsv({ columns: ["x", "y"] })(["1,2"]))).toEqual([{ x: "1", y: "2" }]);
  });

  it("says which line is wrong", async () => {
    for (const [csv, line] of [
      ["a,b\n1,2\n1,2,3\n", 3],
      ['a,b\n1,"2\n', 2],
      ['a,b\n1,2"x"\n', 2],
    ] as const) {
      const error = await rejection(all(parseCsv()(pieces(csv))));
      expect(error).toMatchObject({ code: "ERR_PROCESSOR_INVALID_RECORD", details: { line } });
    }
    await expect(all(parseCsv({ ragged: true })(["a,b\n1\n"]))).resolves.toEqual([{ a: "1" }]);
  });

  it("bounds a record, as of a quote that is never closed", async () => {
    const error = await rejection(
      all(parseCsv({ maxRecord: "10kb" })(endless('a\n"', "x".repeat(1000)))),
    );
    expect(error).toMatchObject({ code: "ERR_PROCESSOR_LIMIT", details: { limit: "maxRecord" } });
  });

  it("reads no further than it is read", async () => {
    let given = 0;
    function* rows(): Generator<string> {
      yield "a,b\n";
      for (;;) {
        given += 1;
        yield "1,2\n".repeat(1000);
      }
    }
    for await (const row of parseCsv()(rows())) {
      expect(row).toEqual({ a: "1", b: "2" });
      break;
    }
    expect(given).toBeLessThan(50);
  });

  it("ends with the signal", async () => {
    const controller = new AbortController();
    let seen = 0;
    const reading = (async () => {
      for await (const row of parseCsv()(endless("a,b\n", "1,2\n"), controller)) {
        if (row && (seen += 1) === 100) controller.abort(new Error("enough"));
      }
    })();
    await rejection(reading);
    expect(seen).toBeLessThan(100_000);
  });
});

describe("formatCsv()", () => {
  it("writes a line of names, and quotes what has to be", async () => {
    const rows = [
      { name: "Müller, Ada", n: 1 },
      { name: 'say "x"', n: 2 },
    ];
    expect(await text(formatCsv()(rows))).toBe('name,n\n"Müller, Ada",1\n"say ""x""",2\n');
    expect(await text(formatCsv({ columns: ["n"], header: false })(rows))).toBe("1\n2\n");
    expect(await text(formatCsv<string[]>({ delimiter: ";" })([["a", "b"]]))).toBe("a;b\n");
    expect(await text(formatCsv()([]))).toBe("");
  });

  it("lets no field act as a formula, unless it is told to", async () => {
    const rows = [["=1+1", "+1", "-1", "@x", "a=b"]];
    expect(await text(formatCsv<string[]>()(rows))).toBe("'=1+1,'+1,'-1,'@x,a=b\n");
    expect(await text(formatCsv<string[]>({ escapeFormulas: false })(rows))).toBe(
      "=1+1,+1,-1,@x,a=b\n",
    );
  });

  it("is read back as it was", async () => {
    const rows = Array.from({ length: 500 }, (_, at) => ({ id: `${at}`, text: `"${at}"\n,;ü` }));
    expect(await all(parseCsv()(formatCsv()(rows)))).toEqual(rows);
  });
});

describe("parseNdjson() and formatNdjson()", () => {
  it("give values a line, whichever way the bytes come", async () => {
    const values = [{ a: "ü\n" }, [1, 2], "x", null];
    const ndjson = await text(formatNdjson()(values));
    expect(ndjson.split("\n")).toHaveLength(5);
    for (const size of [1, 3, 1000])
      expect(await all(parseNdjson()(pieces(ndjson, size)))).toEqual(values);
    expect(await all(parseNdjson()(["1\r\n\n  \n2"]))).toEqual([1, 2]);
  });

  it("say which line is wrong or too long", async () => {
    expect(await rejection(all(parseNdjson()(["1\n{\n"])))).toMatchObject({
      code: "ERR_PROCESSOR_INVALID_RECORD",
      details: { line: 2 },
    });
    expect(
      await rejection(all(parseNdjson()([Buffer.from([0x31, 0x0a, 0x22, 0xff, 0x22])]))),
    ).toMatchObject({ details: { line: 2 } });
    expect(
      await rejection(all(parseNdjson({ maxRecord: "10kb" })(endless("1\n", "x".repeat(1000))))),
    ).toMatchObject({
      code: "ERR_PROCESSOR_LIMIT",
      message: "line 2 has more than 10240 bytes (maxRecord)",
    });
    expect((await rejection(all(formatNdjson()([() => {}])))).message).toContain("got function");
  });
});

describe("gzip() and gunzip()", () => {
  it("pack and unpack, as Node.js does", async () => {
    const packed = Buffer.concat(await all(gzip({ level: 9 })(["hello ", Buffer.from("world")])));
    expect(gunzipSync(packed).toString()).toBe("hello world");
    expect(await text(gunzip()(pieces(gzipSync("hello world"))))).toBe("hello world");
  });

  it("refuse what is damaged or cut short", async () => {
    const packed = gzipSync("hello world".repeat(100));
    const changed = Buffer.from(packed);
    changed[20]! ^= 0xff;
    for (const bytes of [packed.subarray(0, 20), changed, Buffer.from("no gzip")]) {
      expect((await rejection(all(gunzip()([bytes])))).code).toBe("ERR_PROCESSOR_CORRUPT");
    }
  });

  it("refuse what unpacks to more than it may, before it has", async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 ** 2));
    let bytes = 0;
    const count = async (options: Parameters<typeof gunzip>[0]): Promise<void> => {
      bytes = 0;
      for await (const chunk of gunzip(options)([bomb])) bytes += chunk.length;
    };
    expect(await rejection(count({}))).toMatchObject({ details: { limit: "maxRatio" } });
    expect(await rejection(count({ maxSize: "1mb", maxRatio: 10_000 }))).toMatchObject({
      details: { limit: "maxSize" },
    });
    expect(bytes).toBeLessThanOrEqual(1024 ** 2);
  });
});

describe("Codecs in a pipeline", () => {
  it("convert CSV to packed NDJSON and back", async () => {
    const csv = "id,name\n1,Ada\n2,Bob\n";
    const packed = await Pipeline.from(pieces(csv))
      .pipe("csv", parseCsv())
      .pipe("json", formatNdjson())
      .pipe("zip", gzip())
      .collect();
    expect(gunzipSync(Buffer.concat(packed)).toString()).toBe(
      '{"id":"1","name":"Ada"}\n{"id":"2","name":"Bob"}\n',
    );
    const back = await Pipeline.from(packed)
      .pipe("unzip", gunzip())
      .pipe("json", parseNdjson<{ id: string; name: string }>())
      .pipe("csv", formatCsv())
      .collect();
    expect(Buffer.concat(back).toString()).toBe(csv);
  });

  it("name the stage whose record is wrong", async () => {
    const error = await rejection(Pipeline.from(["a\n1,2\n"]).pipe("the rows", parseCsv()).run());
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_STAGE_FAILED",
      status: 422,
      details: { stage: "the rows" },
      cause: { code: "ERR_PROCESSOR_INVALID_RECORD" },
    });
  });
});
