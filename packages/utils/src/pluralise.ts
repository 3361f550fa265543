/** The forms of a word: `other` always, the rest as the language has them. */
export type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & {
  readonly other: string;
};

/**
 * A count with the form of the word that goes with it: `pluralise(1, { one: "child", other: "children" })`. A language
 * has forms of its own: Polish has `one`, `few` and `many`.
 */
export function pluralise(count: number, forms: PluralForms, locale = "en"): string {
  const rule = new Intl.PluralRules(locale).select(count);
  return `${new Intl.NumberFormat(locale).format(count)} ${forms[rule] ?? forms.other}`;
}
