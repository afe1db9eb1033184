export const languages = ['ko', 'en'] as const;
export type Language = (typeof languages)[number];

/** The kept choice, else the first preferred language that exists, else English. */
export function languageOf(kept: string | undefined, preferred: readonly string[]): Language {
  const wanted = [kept, ...preferred.map((tag) => tag.split('-')[0]?.toLowerCase())];
  return languages.find((name) => name === wanted.find((tag) => isLanguage(tag))) ?? 'en';
}

function isLanguage(tag: string | undefined): tag is Language {
  return (languages as readonly (string | undefined)[]).includes(tag);
}
