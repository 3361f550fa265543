/** What stands in the place of a secret. */
export const redacted = "[redacted]";

/** Names that hold secrets wherever they stand. */
const secretNames: readonly string[] = [
  "**.*password*",
  "**.*passwd*",
  "**.*secret*",
  "**.passphrase",
  "**.pwd",
  "**.token",
  "**.*accessToken",
  "**.*refreshToken",
  "**.*authToken",
  "**.*idToken",
  "**.*apiKey",
  "**.*privateKey",
  "**.*encryptionKey",
  "**.*connectionString",
  "**.*authorization",
  "**.jwt",
  "**.cookie",
  "**.cookies",
  "**.set-cookie",
  "**.creditCard",
  "**.cardNumber",
  "**.cvv",
  "**.cvc",
];

// Every repetition that could begin anew at many places is bounded: a hostile text must not cost the square of its length.
// tokens (JSON Web Tokens, Bearer and Basic credentials), passwords in URLs, keys in PEM
const jwt = /\beyJ[\w-]{8,4096}\.[\w-]{4,8192}\.[\w-]*/g;
const credentials = /\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi;
const urlPassword = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/?#@]*):[^\s/?#@]+@/gi;
const privateKey =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
// in one piece, or in the groups that are printed on cards: other long numbers often pass the Luhn check by chance
const card =
  /\b(?=4|5[1-5]|2[2-7]|3[04-8]|6[05])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5})\b/g;
/** Finds whether one of the above may be there: one cheap look at texts that have none. */
const suspicious = /eyJ|earer |asic |:\/\/[^\s/?#@]*@|PRIVATE KEY|\d{4}[ -]?\d{4,}/i;

type Replacement = readonly [RegExp, string | ((text: string) => string)];

const builtIn: readonly Replacement[] = [
  [jwt, redacted],
  [credentials, `$1 ${redacted}`],
  [urlPassword, `$1:${redacted}@`],
  [privateKey, redacted],
  [card, (text) => (isCardNumber(text) ? redacted : text)],
];

type Path = readonly (RegExp | "**")[];

/** Where the walk through a value stands in one path that has more than a name. */
interface Position {
  readonly path: Path;
  readonly at: number;
}

/** The positions in all paths; `undefined` when none can match any more. */
export type Positions = readonly Position[] | undefined;

/**
 * Decides what is secret: by path, where `*` is any one key, `**` any number of them, and a name may hold `*`
 * (`"**.*password*"`, `"user.cards[*].number"`); and by what a text looks like. Upper and lower case, `-` and `_` make no
 * difference in names.
 */
export class Redaction {
  /** Where every walk begins. */
  readonly start: Positions;
  readonly #names: readonly RegExp[];
  readonly #patterns: readonly Replacement[];

  constructor(paths: readonly string[] = [], patterns: readonly RegExp[] = []) {
    const parsed = [...secretNames, ...paths].map(parsePath);
    this.#names = parsed.filter((path) => isName(path)).map((path) => path[1] as RegExp);
    const others = parsed.filter((path) => !isName(path));
    this.start = others.length > 0 ? others.map((path) => ({ path, at: 0 })) : undefined;
    this.#patterns = patterns.map((pattern) => [
      new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`),
      redacted,
    ]);
  }

  /** Whether a key of this name is secret wherever it stands. */
  hidesName(key: string): boolean {
    const name = normalise(key);
    return this.#names.some((each) => each.test(name));
  }

  /** One step down: `true` when the value at this key is secret, else where the walk stands then. */
  step(positions: NonNullable<Positions>, key: string): Positions | true {
    const name = normalise(key);
    const next: Position[] = [];
    for (const { path, at } of positions) {
      let place = at;
      while (path[place] === "**") {
        next.push({ path, at: place });
        place++;
      }
      const segment = path[place];
      if (segment === undefined) return true;
      if (segment !== "**" && segment.test(name)) {
        if (place + 1 === path.length) return true;
        next.push({ path, at: place + 1 });
      }
    }
    return next.length > 0 ? next : undefined;
  }

  /** A text without what looks like a secret. */
  clean(text: string): string {
    let result = text;
    if (text.length > 8 && suspicious.test(text)) {
      for (const [pattern, by] of builtIn) result = result.replace(pattern, by as string);
    }
    for (const [pattern, by] of this.#patterns) result = result.replace(pattern, by as string);
    return result;
  }
}

/** `**.name` is a question about the key alone, answered once per key. */
function isName(path: Path): boolean {
  return path.length === 2 && path[0] === "**" && path[1] !== "**";
}

/** Whether a text is a path, such as `user.password`, `*.token`, `**.pin`, `users[*].mail`. */
export function isRedactionPath(path: unknown): path is string {
  return typeof path === "string" && !segmentsOf(path).includes("");
}

function segmentsOf(path: string): string[] {
  return path.replaceAll(/\[(\*|\d+)\]/g, ".$1").split(".");
}

function parsePath(path: string): Path {
  if (!isRedactionPath(path)) {
    throw new TypeError(
      `redact must hold paths such as "user.password", "*.token", "**.pin"; got ${JSON.stringify(path)}`,
    );
  }
  return segmentsOf(path).map((segment) => {
    if (segment === "**") return segment;
    return new RegExp(`^${segment.split("*").map(literal).join(".*")}$`, "s");
  });
}

function literal(text: string): string {
  return normalise(text).replaceAll(/[$()+?\\^{|}[\]]/g, "\\$&");
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/** The Luhn check: it tells card numbers from other long numbers. */
function isCardNumber(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
