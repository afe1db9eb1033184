import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { keptForever } from './kept-values.ts';
import { type Language, languageOf } from './pick-language.ts';

/** The language in use: the visitor's choice, else the first of the browser's languages that exists here. */
export const language = signal<Language>(languageOf(keptForever.read('language'), navigator.languages));

effect(() => {
  document.documentElement.lang = language.value;
});

export function chooseLanguage(chosen: Language): void {
  keptForever.write('language', chosen);
  language.value = chosen;
}

/**
 * The same for large dictionaries, each of which loads only where its language is used. Await `isLoaded`
 * before the first render; after a switch the earlier words stay until the new ones are there.
 */
export function lazyDictionaryOf<Words>(load: Readonly<Record<Language, () => Promise<Words>>>): {
  readonly words: ReadonlySignal<Words>;
  readonly isLoaded: Promise<void>;
} {
  const words = signal<Words | undefined>(undefined);
  const loadWords = async (wanted: Language): Promise<void> => {
    const loaded = await load[wanted]();
    if (language.peek() === wanted) words.value = loaded;
  };
  let loading = Promise.resolve();
  effect(() => {
    loading = loadWords(language.value);
  });
  return { words: words as ReadonlySignal<Words>, isLoaded: loading };
}

/** The dictionary of the language in use. Components that read `.value` render again after a switch. */
export function dictionaryOf<Words>(dictionaries: Readonly<Record<Language, Words>>): ReadonlySignal<Words> {
  return computed(() => dictionaries[language.value]);
}
