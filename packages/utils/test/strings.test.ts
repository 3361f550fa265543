import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import {
  camelCase,
  constantCase,
  escapeHtml,
  escapeRegExp,
  kebabCase,
  mask,
  pascalCase,
  pluralise,
  sentenceCase,
  snakeCase,
  template,
  truncate,
  words,
} from "../src/index.js";
import { slug } from "../src/slug.js";

const graphemesOf = (text: string) => [...new Intl.Segmenter().segment(text)].length;

describe("words() and the cases", () => {
  it.each([
    ["parseHTTPHeader", ["parse", "HTTP", "Header"]],
    ["user_id-2 name", ["user", "id", "2", "name"]],
    ["version2Beta", ["version2", "Beta"]],
    ["Straße überÄlter", ["Straße", "über", "Älter"]],
    ["", []],
    ["--", []],
  ])("finds the words of %p", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it("writes an identifier in every case", () => {
    const all = [camelCase, pascalCase, snakeCase, kebabCase, constantCase, sentenceCase];
    expect(all.map((write) => write("parse HTTP-header"))).toEqual([
      "parseHttpHeader",
      "ParseHttpHeader",
      "parse_http_header",
      "parse-http-header",
      "PARSE_HTTP_HEADER",
      "Parse http header",
    ]);
  });

  it("comes back to the same identifier", () => {
    const identifier = fc.array(fc.stringMatching(/^[a-z]+$/), { minLength: 1 });
    fc.assert(
      fc.property(identifier, (parts) => {
        const snake = parts.join("_");
        expect(snakeCase(snake)).toBe(snake);
        expect(snakeCase(kebabCase(snake))).toBe(snake);
      }),
    );
  });
});

describe("slug()", () => {
  it.each([
    ["Crème brûlée für Übermut", "creme-brulee-fuer-uebermut"],
    ["Я люблю единорогов", "ya-lyublyu-edinorogov"],
    ["  It's 100% done!  ", "its-100-done"],
    ["日本", ""],
  ])("%p is %p", (text, expected) => {
    expect(slug(text)).toBe(expected);
  });

  it("is cut between words", () => {
    expect(slug("one two three", { max: 9 })).toBe("one-two");
    expect(slug("extraordinary", { max: 5, separator: "_" })).toBe("extra");
    expect(() => slug("x", { max: -1 })).toThrow("slug: max must be a whole number >= 0, got -1");
  });

  it("is always part of a URL as it is, and a slug of itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 50 }), (text, max) => {
        const result = slug(text, { max });
        expect(result).toMatch(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/);
        expect(result.length).toBeLessThanOrEqual(max);
        expect(slug(result)).toBe(result);
      }),
    );
  });
});

describe("truncate()", () => {
  it("cuts between characters as a person counts them", () => {
    const family = "👨‍👩‍👧‍👦";
    expect(truncate(`${family}${family}${family}`, 2)).toBe(`${family}…`);
    expect(truncate("noël!", 4)).toBe("noë…");
    expect(truncate("short", 5)).toBe("short");
    expect(truncate("too long", 5, { ellipsis: "..." })).toBe("to...");
    expect(truncate("too long", 0)).toBe("");
  });

  it("is never longer than asked for, and begins as the text does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat({ max: 20 }), (text, max) => {
        const cut = truncate(text, max);
        expect(graphemesOf(cut)).toBeLessThanOrEqual(max);
        expect(cut === text || text.startsWith(cut.slice(0, -1))).toBe(true);
      }),
    );
  });
});

describe("mask()", () => {
  it("shows the end only, and not how long the rest is", () => {
    expect(mask("4111111111111111")).toBe("****1111");
    expect(mask("sk_live_abcdefghij", { start: 3, end: 2 })).toBe("sk_****ij");
  });

  it("never shows half of a text, and refuses ends that would show it", () => {
    const part = fc.nat({ max: 30 });
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), part, part, (text, start, end) => {
        const masked = mask(text, { start, end, with: "" });
        expect(graphemesOf(masked)).toBeLessThanOrEqual(graphemesOf(text) / 2);
        expect(text.startsWith(masked.slice(0, start === 0 ? 0 : 1))).toBe(true);
      }),
    );
    expect(() => mask("4111111111111111", { start: -1 })).toThrow(
      "mask: start must be a whole number >= 0, got -1",
    );
    expect(() => mask("4111111111111111", { end: Number.NaN })).toThrow(RangeError);
  });

  it("hides a text whole that it would show half of", () => {
    expect([mask("12345678"), mask("1"), mask("")]).toEqual(["****", "****", "****"]);
  });
});

describe("escapeHtml() and escapeRegExp()", () => {
  it("leave nothing that could end a tag or an attribute", () => {
    fc.assert(fc.property(fc.string(), (text) => expect(escapeHtml(text)).not.toMatch(/[<>"']/)));
    expect(escapeHtml(`<a href="x">R&D's</a>`)).toBe(
      "&lt;a href=&quot;x&quot;&gt;R&amp;D&#39;s&lt;/a&gt;",
    );
  });

  it("make a regular expression find a text itself", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(new RegExp(`^${escapeRegExp(text)}$`).test(text)).toBe(true);
      }),
    );
  });
});

describe("pluralise()", () => {
  it("takes the form that the language has for the count", () => {
    const children = { one: "child", other: "children" };
    expect([0, 1, 1200].map((count) => pluralise(count, children))).toEqual([
      "0 children",
      "1 child",
      "1,200 children",
    ]);
    const pliki = { one: "plik", few: "pliki", many: "plików", other: "pliku" };
    expect([1, 2, 5].map((count) => pluralise(count, pliki, "pl"))).toEqual([
      "1 plik",
      "2 pliki",
      "5 plików",
    ]);
  });
});

describe("template()", () => {
  it("fills in values by path, escaped as asked for", () => {
    expect(
      template("{{ user.name }}: {{n}}", { user: { name: "<b>" }, n: 7 }, { escape: escapeHtml }),
    ).toBe("&lt;b&gt;: 7");
  });

  it.each(["missing", "constructor", "__proto__", "user.constructor.name", "user"])(
    "refuses {{%s}}, which the values do not hold as text",
    (path) => {
      expect(() => template(`{{${path}}}`, { user: {} })).toThrow(
        `template: no text or number for {{${path}}}`,
      );
    },
  );

  it("reads a long text once", () => {
    // trying again from each of its spaces would take for ever
    const text = `{{${" ".repeat(100_000)}`;
    expect(template(text, {})).toBe(text);
  });

  it("does not fill in what a value contains", () => {
    expect(template("{{a}}", { a: "{{b}} $&", b: 1 })).toBe("{{b}} $&");
  });
});
