import { en } from "./en.ts";

/** Every text of the app. Another language is another file of this shape. */
export type Texts = typeof en;

const languages: Readonly<Record<string, Texts>> = { en };

const wanted = navigator.languages.map((tag) => new Intl.Locale(tag));
const [spoken] = wanted.flatMap(({ language }) => (language in languages ? [language] : []));

/** The language that texts are in: the first of the person's own that there is. */
export const language = spoken ?? "en";

/** The texts in that language. */
export const t: Texts = languages[language] as Texts;

/** Its words with the person's own customs: in the order and by the clock of where they are. */
export const locale = new Intl.Locale(language, {
  ...(wanted[0]?.region && { region: wanted[0].region }),
});
