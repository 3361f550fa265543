import { describe, expect, it } from "@jest/globals";

import { contentTypeOf, contentTypeOfName } from "../src/content-type.js";

const bytes = (text: string) => Buffer.from(text, "latin1");
const ftyp = (brand: string) => bytes(`\0\0\0\x18ftyp${brand}\0\0\0\0`);

describe("contentTypeOf()", () => {
  it.each([
    ["image/png", bytes("\x89PNG\r\n\x1a\n\0\0")],
    ["image/jpeg", bytes("\xff\xd8\xff\xe1")],
    ["image/gif", bytes("GIF89a")],
    ["image/webp", bytes("RIFF\x10\0\0\0WEBPVP8 ")],
    ["audio/wav", bytes("RIFF\x10\0\0\0WAVEfmt ")],
    ["image/avif", ftyp("avif")],
    ["image/heic", ftyp("heic")],
    ["video/quicktime", ftyp("qt  ")],
    ["video/mp4", ftyp("isom")],
    ["video/webm", bytes("\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x84webm")],
    ["video/x-matroska", bytes("\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska")],
    ["image/bmp", bytes("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0")],
    ["image/tiff", bytes("II*\0")],
    ["application/pdf", bytes("%PDF-1.7\n")],
    ["application/zip", bytes("PK\x03\x04\x14\0")],
    ["application/gzip", bytes("\x1f\x8b\x08\0")],
    ["application/zstd", bytes("\x28\xb5\x2f\xfd")],
    ["application/wasm", bytes("\0asm\x01\0\0\0")],
    ["application/x-tar", Buffer.concat([Buffer.alloc(257), bytes("ustar\0")])],
    ["application/vnd.sqlite3", bytes("SQLite format 3\0")],
    ["application/x-elf", bytes("\x7fELF\x02")],
    ["audio/mpeg", bytes("ID3\x03")],
    ["audio/mpeg", bytes("\xff\xfb\x90\x64")],
    ["audio/flac", bytes("fLaC")],
    ["font/woff2", bytes("wOF2")],
    ["image/svg+xml", bytes('<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="…">')],
    ["application/xml", bytes('<?xml version="1.0"?><note/>')],
    ["text/html", bytes("\n <!DOCTYPE html><html>")],
  ])("knows %s by its first bytes, whatever its name", (type, sample) => {
    expect(contentTypeOf(sample)).toEqual({ type, source: "content" });
    expect(contentTypeOf(sample, "photo.jpg").type).toBe(type);
  });

  it("does not take words for images", () => {
    for (const text of ["BMW is a car", "MZ", "II", "RIFF raff", "OTT", "ID", "Rar!"]) {
      expect(contentTypeOf(bytes(text)).type).toBe("text/plain");
    }
  });

  it("believes a name that says which kind of ZIP, XML or text it is", () => {
    const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    expect(contentTypeOf(bytes("PK\x03\x04"), "a.docx")).toEqual({ type: docx, source: "content" });
    expect(contentTypeOf(bytes("PK\x03\x04"), "a.png").type).toBe("application/zip");
    expect(contentTypeOf(bytes('<?xml version="1.0"?><rss/>'), "a.rss").type).toBe(
      "application/rss+xml",
    );
    expect(contentTypeOf(bytes("a,b"), "a.csv")).toEqual({ type: "text/csv", source: "extension" });
    expect(contentTypeOf(bytes("{}"), "A.JSON")).toEqual({
      type: "application/json",
      source: "extension",
    });
  });

  it("does not believe a name that the bytes contradict", () => {
    expect(contentTypeOf(bytes("<script>"), "photo.png")).toEqual({
      type: "text/html",
      source: "content",
    });
    expect(contentTypeOf(bytes("hello"), "photo.png")).toEqual({
      type: "text/plain",
      source: "content",
    });
    expect(contentTypeOf(bytes("\x00\x01\x02"), "photo.png")).toEqual({
      type: "application/octet-stream",
      source: "unknown",
    });
    expect(contentTypeOf(bytes("\x00\x01\x02"), "page.html").type).toBe("application/octet-stream");
    expect(contentTypeOf(bytes("\x00\x01\x02"), "a.docx").type).toBe("application/octet-stream");
  });

  it("takes the name for kinds that have no signature, and for an empty file", () => {
    expect(contentTypeOf(bytes("\x00\x01\x02"), "model.glb")).toEqual({
      type: "model/gltf-binary",
      source: "extension",
    });
    expect(contentTypeOf(new Uint8Array(), "a.txt")).toEqual({
      type: "text/plain",
      source: "extension",
    });
    expect(contentTypeOf(new Uint8Array())).toEqual({
      type: "application/octet-stream",
      source: "unknown",
    });
  });

  it("takes text for text when the sample ends inside a character", () => {
    const sample = Buffer.from("é".repeat(3000)).subarray(1).subarray(1, 4097);
    expect(sample.length).toBe(4096);
    expect(contentTypeOf(sample).type).toBe("text/plain");
    expect(contentTypeOf(bytes("caf\xe9")).type).toBe("application/octet-stream");
  });

  it("contentTypeOfName() goes by the extension alone", () => {
    expect(contentTypeOfName("/a/b.tar.GZ")).toBe("application/gzip");
    expect(contentTypeOfName("png")).toBeUndefined();
    expect(contentTypeOfName("a.unheard-of")).toBeUndefined();
  });
});
