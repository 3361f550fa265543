/** What a statement may do to more than tables, judged by its text. */
export interface SqlEffects {
  /** It may change the session's settings, role or prepared statements. */
  readonly settings: boolean;
  /** It may change, or asks for, the channels that the session listens to. */
  readonly channels: boolean;
  /** It copies rows from the client: as the whole of the text, or as one of several statements. */
  readonly copyIn: "alone" | "among" | undefined;
}

const none: SqlEffects = { settings: false, channels: false, copyIn: undefined };

// one of the statements that an application runs all day, which change settings only by calling set_config
const everyday =
  /^\s*(?:select|insert|update|delete|merge|with|values|fetch|begin|commit)\b[^;]*;?\s*$/i;
const settingWords = /\b(?:set|reset|discard|deallocate|set_config)\b/i;
const channelWords = /\b(?:listen|unlisten|discard|pg_listening_channels)\b/i;
const copyWords = /\bcopy\b[^;]*\bfrom\s+stdin\b/i;

/** Looks at the text of one or more statements. May see an effect where there is none, not the other way round. */
export function sqlEffects(sql: string): SqlEffects {
  const copyIn = copyWords.test(sql) ? copyInOf(sql) : undefined;
  const settings = everyday.test(sql) ? /\bset_config\b/i.test(sql) : settingWords.test(sql);
  const channels = channelWords.test(sql);
  return settings || channels || copyIn ? { settings, channels, copyIn } : none;
}

function copyInOf(sql: string): SqlEffects["copyIn"] {
  const bare = withoutLiterals(sql);
  if (!copyWords.test(bare)) return undefined;
  return /^\s*copy\b[^;]*;?\s*$/i.test(bare) ? "alone" : "among";
}

/** The text with a space for each comment, string, quoted name and dollar-quoted body. */
function withoutLiterals(sql: string): string {
  return sql.replaceAll(
    /--[^\n]*|\/\*[\s\S]*?\*\/|\be'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$((?:[a-z_]\w*)?)\$[\s\S]*?\$\1\$/gi,
    " ",
  );
}

/** Names with a dot in a text: settings that an application makes up are such (`app.tenant`). */
export function dottedNames(text: string): string[] {
  return [...new Set(text.match(/\b[a-z_][\w$]*(?:\.[a-z_][\w$]*)+/gi))].map((name) =>
    name.toLowerCase(),
  );
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
