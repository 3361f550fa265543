import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { statementsOf, type SqlScript, type SqlStatement } from "../src/sql-script.js";

async function read(script: SqlScript): Promise<SqlStatement[]> {
  const statements: SqlStatement[] = [];
  for await (const statement of statementsOf(script)) statements.push(statement);
  return statements;
}

const texts = async (script: SqlScript) => (await read(script)).map(({ text }) => text);

// two statements each, in which a semicolon stands where it ends nothing
const tricky: readonly (readonly [string, string, string])[] = [
  ["a string", "select 'a;''b', '';", "select 1"],
  ["a string with a backslash at its end", String.raw`select 'a\';`, "select ';'"],
  ["an escape string", String.raw`select E'a\';''b\\', e'\'';`, "select 1"],
  ["a string over lines", "select 'a;\nb;\n';", "select\n1"],
  ["a quoted name", 'select 1 as "a;""b";', 'select "c;d" from "e;"'],
  ["a dollar-quoted string", "select $$a;$b$;'$$;", "select $x$;$$;$x$"],
  ["a parameter and a name with a dollar", "execute p($1); ", "select a$b$c, 2 from d"],
  ["parentheses", "create rule r as on delete to t do (select 1; select (2););", "select 1"],
  [
    "a body in standard SQL",
    "create or replace function f(a int) returns int begin atomic select case a when 1 then 2 end; select 3; end;",
    "select 1",
  ],
  ["a name that every object has", "select constructor from t;", "select 1"],
];

describe("statementsOf()", () => {
  it.each(tricky)("does not end a statement in %s", async (_name, first, second) => {
    const expected = [first.trim().replace(/;$/, ""), second];
    expect(await texts(`${first}\n${second};\n`)).toEqual(expected);
    expect(await texts(`${first} ${second}`)).toEqual(expected);
  });

  it("leaves comments out, nested ones too, and separates words with them", async () => {
    const script = "-- one;\n/* a; /* b; */ c; */\nselect/*;*/1 -- ;\n, 2;";
    expect(await texts(script)).toEqual(["select 1 \n, 2"]);
  });

  it("tells the line on which a statement begins", async () => {
    const script = "-- comment\n\nselect 1;\ncopy t from stdin;\nx\n\\.\nselect 2; select\n3;";
    expect((await read(script)).map(({ line }) => line)).toEqual([3, 4, 7, 7]);
  });

  it("gives the rows of a COPY as they are", async () => {
    const script = "COPY t (a) FROM stdin;\n\t'a; \r\n\\N\n\\\\.\n\\.\ncopy t to stdout;";
    expect(await read(script)).toEqual([
      { text: "COPY t (a) FROM stdin", line: 1, rows: "\t'a; \r\n\\N\n\\\\.\n" },
      { text: "copy t to stdout", line: 6 },
    ]);
  });

  it("passes over what newer versions of pg_dump write around everything", async () => {
    expect(await texts("\\restrict abc\n\nselect 1;\n\n\\unrestrict abc\n")).toEqual(["select 1"]);
  });

  it.each([
    ["select 1;\nselect 'a", "a string that begins at line 2"],
    ["select $a$ $b$", "a string that begins at line 1"],
    ["select 1\n/* ", "a comment that begins at line 2"],
    ["select (1", "a statement that begins at line 1"],
    ["copy t from stdin;\n1\n", "the rows of a COPY that begins at line 1"],
  ])("refuses a script that ends too early: %j", async (script, where) => {
    await expect(read(script)).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_RESTORE",
      message: `The script ends in the middle of ${where}; nothing was restored`,
    });
  });

  it("refuses what psql alone understands", async () => {
    await expect(read("select 1;\n\\connect other\n")).rejects.toMatchObject({
      message: "Line 2: \\connect is a command of psql, not SQL; nothing was restored",
      details: { line: 2 },
    });
  });

  it("refuses bytes that are not UTF-8", async () => {
    const bytes = (async function* () {
      yield Buffer.from("select 1;\nPGDMP");
      yield Buffer.from([0xff]);
    })();
    await expect(read(bytes)).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_RESTORE",
      details: { line: 2 },
    });
  });

  it("does not depend on where the chunks of a stream end", async () => {
    const script = `${tricky.flatMap(([, a, b]) => [a, `${b};`]).join("\n")}\ncopy t from stdin;\nä\n\\.\n`;
    const expected = await read(script);
    const bytes = Buffer.from(script);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = (async function* () {
          for (const [index, end] of at.slice(1).entries()) yield bytes.subarray(at[index], end);
        })();
        expect(await read(chunks)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("finds any literals again that PostgreSQL would quote so", async () => {
    const quoted = fc.oneof(
      fc.string({ unit: "binary" }).map((text) => `'${text.replaceAll("'", "''")}'`),
      fc.string().map((text) => `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`),
      fc.string().map((text) => `"${text.replaceAll('"', '""')}"`),
      fc.string().map((text) => `$q$${text.replaceAll("$", "")}$q$`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(quoted, { minLength: 1, maxLength: 8 }), async (literals) => {
        expect(await texts(literals.map((text) => `select ${text};`).join(" "))).toEqual(
          literals.map((text) => `select ${text}`),
        );
      }),
      { numRuns: 300 },
    );
  });
});
