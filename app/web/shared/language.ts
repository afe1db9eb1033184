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

/** The dictionary of the language in use. Components that read `.value` render again after a switch. */
export function dictionaryOf<Words>(dictionaries: Readonly<Record<Language, Words>>): ReadonlySignal<Words> {
  return computed(() => dictionaries[language.value]);
}
