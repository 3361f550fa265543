// Holds the tables under Options in a README against the sources: each option that a row names has to be there, with the
// default that the row gives and under the variable that it names.
import { readmeSection } from "@infra/jest-preset/readme-blocks";

/** The tables of a Markdown text: `[{ heading: [cell], rows: [[cell]] }]`. */
export function tablesOf(text) {
  const tables = [];
  let rows;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) {
      rows = undefined;
      continue;
    }
    const cells = line
      .slice(1, line.lastIndexOf("|"))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    if (rows === undefined) tables.push({ heading: cells, rows: (rows = []) });
    else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) rows.push(cells);
  }
  return tables;
}

/** @param {string} source all sources of the package */
export function optionProblems(readme, source) {
  const tables = tablesOf(readmeSection(readme, "Options") ?? "");
  return tables.flatMap(({ heading, rows }) => {
    // a table may be headed by the class whose options it has
    const at = heading.findIndex((cell) => cell === "option" || /^`[A-Z]\w+`$/.test(cell));
    if (at < 0) return [];
    const value = heading.indexOf("default");
    const variable = heading.indexOf("environment");
    return rows.flatMap((row) => [
      ...codeIn(row[at]).flatMap((name) => problemsOf(name, codeOf(row[value]), source)),
      ...codeIn(row[variable])
        .filter((name) => !source.includes(`"${name}"`))
        .map((name) => `the variable ${name} is not in the sources`),
    ]);
  });
}

function problemsOf(name, documented, source) {
  const property = new RegExp(
    `(?:/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*)?(?:^\\s*(?:readonly )?|readonly )${name}\\??:`,
    "gm",
  );
  const found = [...source.matchAll(property)];
  if (found.length === 0) return [`the option ${name} is not in the sources`];
  const literals = found
    .map(([, comment = ""]) => /@default (.*?)\s*(?:\*|$)/m.exec(comment)?.[1])
    .filter((text) => isLiteral(text))
    .map(plain);
  if (!isLiteral(documented) || literals.length === 0 || literals.includes(plain(documented))) {
    return [];
  }
  return [`the default of ${name} is ${documented}, and ${literals.join(" or ")} in the sources`];
}

const codeIn = (cell = "") => [...cell.matchAll(/`([\w.]+)`/g)].map(([, code]) => code);

/** A cell that is nothing but one piece of code. */
const codeOf = (cell = "") => /^`([^`]+)`$/.exec(cell)?.[1];

const isLiteral = (text) => /^(?:"[^"]*"|-?[\d_,.]+|true|false|Infinity)$/.test(text ?? "");

/** A literal without what only makes it readable. */
const plain = (text) => (text.startsWith('"') ? text : text.replaceAll(/[_,]/g, ""));
