import { EmbeddedPostgresRestoreError } from "./errors.js";

/** SQL as `pg_dump` writes it: text, or a stream of text or bytes such as a file's. */
export type SqlScript = string | AsyncIterable<string | Uint8Array>;

/** One statement of a script. */
export interface SqlStatement {
  /** Without the semicolon at its end. */
  readonly text: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** The rows that follow a COPY FROM STDIN. */
  readonly rows?: string;
}

/**
 * Cuts a script into its statements, by the rules of psql. (The splitters on npm trim the rows of a COPY, or know neither
 * `E''` strings nor the bodies of functions in standard SQL.)
 *
 * @throws EmbeddedPostgresRestoreError (`ERR_EMBEDDED_POSTGRES_RESTORE`) when the script ends in the middle of something, or
 * has a command that is psql's own. Those that pg_dump writes around everything (`\restrict`) are passed over.
 */
export async function* statementsOf(script: SqlScript): AsyncGenerator<SqlStatement> {
  const scanner = new Scanner();
  let copy: { readonly statement: SqlStatement; rows: string[] } | undefined;
  for await (const line of linesOf(script)) {
    if (copy) {
      scanner.line += 1;
      if (!/^\\\.\r?\n?$/.test(line)) copy.rows.push(line);
      else {
        yield { ...copy.statement, rows: copy.rows.join("") };
        copy = undefined;
      }
      continue;
    }
    for (const statement of scanner.statements(line)) {
      if (scanner.copies) copy = { statement, rows: [] };
      else yield statement;
    }
  }
  if (copy) throw cutOff(copy.statement.line, "the rows of a COPY");
  const last = scanner.end();
  if (last) yield last;
}

async function* linesOf(script: SqlScript): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  let rest = "";
  const decode = (chunk: string | Uint8Array, stream: boolean): string => {
    if (typeof chunk === "string") return chunk;
    try {
      return decoder.decode(chunk, { stream });
    } catch (cause) {
      const message = `The script is not UTF-8 from line ${line} on: a dump in pg_dump's plain format is wanted; nothing was restored`;
      throw new EmbeddedPostgresRestoreError(message, { cause, details: { line } });
    }
  };
  for await (const chunk of typeof script === "string" ? [script] : script) {
    let seen = rest.length;
    rest += decode(chunk, true);
    let start = 0;
    for (let end = rest.indexOf("\n", seen); end >= 0; end = rest.indexOf("\n", seen)) {
      seen = end + 1;
      yield rest.slice(start, seen);
      start = seen;
      line += 1;
    }
    rest = rest.slice(start);
  }
  rest += decode(new Uint8Array(), false);
  if (rest !== "") yield rest;
}

// what a piece of SQL outside of strings and comments begins with
const token =
  /--[^\n]*|\/\*|\$(?:[a-z_\u{80}-\u{10ffff}][\w\u{80}-\u{10ffff}]*)?\$|e?'|"|[a-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*|[;()\\]|\s+|[^]/giuy;

// where what was begun ends; in front, what does not end it although it looks so
const ends: Readonly<Record<string, RegExp>> = {
  "'": /''|'/g,
  "e'": /\\[^]|''|'/g,
  '"': /""|"/g,
};

/** Reads line by line, and remembers in what the last one ended. */
class Scanner {
  line = 0;
  /** The statement that was found last is a COPY FROM STDIN. */
  copies = false;
  #text = "";
  #startedAt = 0;
  /** What a string or a quoted name began with. */
  #quote = "";
  #comments = 0;
  #parentheses = 0;
  /** The body of a function in standard SQL, BEGIN ATOMIC … END, has semicolons of its own. */
  #blocks = 0;
  /** The statement's first words, and the last one. */
  #head: string[] = [];
  #previous = "";
  #fromStdin = false;

  /** The statements that end in a line. */
  *statements(line: string): Generator<SqlStatement> {
    this.line += 1;
    let at = 0;
    while (at < line.length) {
      if (this.#quote !== "") at = this.#inQuote(line, at);
      else if (this.#comments > 0) at = this.#inComment(line, at);
      else {
        token.lastIndex = at;
        const [piece] = token.exec(line)!;
        at += piece.length;
        if (piece === ";" && this.#parentheses === 0 && this.#blocks === 0) {
          const statement = this.#take();
          if (!statement) continue;
          yield statement;
          // psql takes no notice of what is behind it on its line
          if (this.copies) return;
        } else if (piece === "\\") {
          this.#command(line.slice(at));
          return;
        } else this.#code(piece);
      }
    }
  }

  /** What is left at the end. */
  end(): SqlStatement | undefined {
    if (this.#quote !== "") throw cutOff(this.#startedAt, "a string");
    if (this.#comments > 0) throw cutOff(this.line, "a comment");
    if (this.#parentheses > 0 || this.#blocks > 0) throw cutOff(this.#startedAt, "a statement");
    return this.#take();
  }

  #code(piece: string): void {
    if (piece.startsWith("--") || (this.#text === "" && piece.trim() === "")) return;
    if (piece === "/*") {
      this.#comments = 1;
      return;
    }
    if (this.#text === "") this.#startedAt = this.line;
    this.#text += piece;
    const word = piece.toLowerCase();
    if (Object.hasOwn(ends, word) || /^\$.*\$$/.test(piece))
      this.#quote = piece.startsWith("$") ? piece : word;
    else if (piece === "(") this.#parentheses += 1;
    else if (piece === ")") this.#parentheses = Math.max(0, this.#parentheses - 1);
    else if (/^[a-z_]/.test(word)) this.#word(word);
  }

  #word(word: string): void {
    if (this.#head.length < 4) this.#head.push(word);
    this.#fromStdin ||= this.#previous === "from" && word === "stdin";
    this.#previous = word;
    if (!/^create (?:or replace )?(?:function|procedure)\b/.test(this.#head.join(" "))) return;
    if (this.#parentheses > 0) return;
    if (word === "begin" || (word === "case" && this.#blocks > 0)) this.#blocks += 1;
    else if (word === "end") this.#blocks = Math.max(0, this.#blocks - 1);
  }

  #inQuote(line: string, from: number): number {
    let end = line.length;
    if (this.#quote.startsWith("$")) {
      const found = line.indexOf(this.#quote, from);
      if (found >= 0) end = found + this.#quote.length;
      if (found >= 0) this.#quote = "";
    } else {
      const pattern = ends[this.#quote]!;
      pattern.lastIndex = from;
      for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
        if (match[0].length > 1) continue;
        end = pattern.lastIndex;
        this.#quote = "";
        break;
      }
    }
    this.#text += line.slice(from, end);
    return end;
  }

  #inComment(line: string, from: number): number {
    const pattern = /\/\*|\*\//g;
    pattern.lastIndex = from;
    for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
      this.#comments += match[0] === "/*" ? 1 : -1;
      if (this.#comments > 0) continue;
      // it separates words
      if (this.#text !== "") this.#text += " ";
      return pattern.lastIndex;
    }
    return line.length;
  }

  #command(rest: string): void {
    if (this.#text.trim() === "" && /^(?:un)?restrict\b/.test(rest)) return;
    const command = /^\S*/.exec(rest)![0];
    throw new EmbeddedPostgresRestoreError(
      `Line ${this.line}: \\${command} is a command of psql, not SQL; nothing was restored`,
      { details: { line: this.line } },
    );
  }

  #take(): SqlStatement | undefined {
    const text = this.#text.trim();
    this.copies = this.#head[0] === "copy" && this.#fromStdin;
    this.#text = "";
    this.#head = [];
    this.#fromStdin = false;
    return text === "" ? undefined : { text, line: this.#startedAt };
  }
}

function cutOff(line: number, where: string): Error {
  return new EmbeddedPostgresRestoreError(
    `The script ends in the middle of ${where} that begins at line ${line}; nothing was restored`,
    { details: { line } },
  );
}
