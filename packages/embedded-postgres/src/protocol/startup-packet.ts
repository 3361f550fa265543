const requestCodes = { ssl: 80_877_103, gss: 80_877_104, cancel: 80_877_102 } as const;

/** What a client says first. */
export type StartupPacket =
  | { readonly kind: "encryption" }
  | { readonly kind: "cancel" }
  | { readonly kind: "unsupported" }
  | {
      readonly kind: "startup";
      /** 0 in protocol 3.0. */
      readonly minorVersion: number;
      readonly user: string;
      readonly database: string;
      /** The session settings asked for, by lower-case name. */
      readonly settings: ReadonlyMap<string, string>;
      /** Options of the protocol itself, by name. */
      readonly protocolOptions: readonly string[];
    };

/** Reads the body of a startup packet. */
export function readStartupPacket(body: Buffer): StartupPacket {
  const code = body.length < 4 ? 0 : body.readInt32BE(0);
  if (code === requestCodes.ssl || code === requestCodes.gss) return { kind: "encryption" };
  if (code === requestCodes.cancel) return { kind: "cancel" };
  if (code >> 16 !== 3) return { kind: "unsupported" };
  const words = body.toString("utf8", 4).split("\0");
  const settings = new Map<string, string>();
  const protocolOptions: string[] = [];
  let user = "";
  let database: string | undefined;
  for (let at = 0; at + 1 < words.length && words[at] !== ""; at += 2) {
    const name = words[at]!;
    const value = words[at + 1]!;
    if (name === "user") user = value;
    else if (name === "database") database = value;
    else if (name.startsWith("_pq_.")) protocolOptions.push(name);
    else if (name !== "options") settings.set(name.toLowerCase(), value);
    else for (const [key, setting] of commandLineSettings(value)) settings.set(key, setting);
  }
  return {
    kind: "startup",
    minorVersion: code & 0xffff,
    user,
    database: database ?? user,
    settings,
    protocolOptions,
  };
}

/** `-c name=value` and `--name=value`; a backslash takes the meaning from the next character, as in libpq. */
function* commandLineSettings(options: string): Generator<[string, string]> {
  const words = (options.match(/(?:\\.|[^\s\\])+/g) ?? []).map((word) =>
    word.replaceAll(/\\(.)/g, "$1"),
  );
  for (let at = 0; at < words.length; at += 1) {
    let word = words[at]!;
    if (word === "-c") word = words[(at += 1)] ?? "";
    else if (word.startsWith("-c")) word = word.slice(2);
    else if (word.startsWith("--")) word = word.slice(2);
    const equals = word.indexOf("=");
    if (equals > 0) {
      yield [word.slice(0, equals).replaceAll("-", "_").toLowerCase(), word.slice(equals + 1)];
    }
  }
}
