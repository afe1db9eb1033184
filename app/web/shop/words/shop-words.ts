import { lazyDictionaryOf } from '../../shared/language.ts';
import type { ShopWords } from './en.ts';

/** What the shop says in the language in use. */
export const { words, isLoaded } = lazyDictionaryOf<ShopWords>({
  en: async () => (await import('./en.ts')).en,
  ko: async () => (await import('./ko.ts')).ko,
});
