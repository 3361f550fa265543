import { words } from "./words.js";

const capitalised = (word: string): string => {
  const [first = "", ...rest] = word;
  return first.toUpperCase() + rest.join("").toLowerCase();
};

/** `parseHttpHeader` */
export function camelCase(text: string): string {
  return words(text)
    .map((word, at) => (at === 0 ? word.toLowerCase() : capitalised(word)))
    .join("");
}

/** `ParseHttpHeader` */
export function pascalCase(text: string): string {
  return words(text).map(capitalised).join("");
}

/** `parse_http_header` */
export function snakeCase(text: string): string {
  return words(text).join("_").toLowerCase();
}

/** `parse-http-header` */
export function kebabCase(text: string): string {
  return words(text).join("-").toLowerCase();
}

/** `PARSE_HTTP_HEADER` */
export function constantCase(text: string): string {
  return words(text).join("_").toUpperCase();
}

/** `Parse http header` */
export function sentenceCase(text: string): string {
  return words(text)
    .map((word, at) => (at === 0 ? capitalised(word) : word.toLowerCase()))
    .join(" ");
}
