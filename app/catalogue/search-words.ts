/** Raised when the words of a name come out otherwise than before, so that listed names are made again. */
export const SEARCH_VERSION = 1;

/** Characters of a term, and of the longest name that is searched; what is beyond them is not found. */
const TERM_MAX = 12;
const SEARCH_NAME_MAX = 400;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Accents of Latin, Greek and Cyrillic. Marks of other scripts make another letter and stay. */
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * The words of a text as they are compared: runs of letters and digits, in lower case, of one width, without accents
 * (NFKC; `Café` and `ＣＡＦÉ` are `cafe`). Hangul stays in whole syllables. Each word once, in order.
 */
export function searchWords(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(ACCENTS, '').normalize('NFKC').toLowerCase();
  return [...new Set(plain.match(WORD))];
}

/** A name as it is searched: its words, a space between them. */
export function searchName(name: string): string {
  return Array.from(searchWords(name).join(' ')).slice(0, SEARCH_NAME_MAX).join('').trimEnd();
}

/** The endings of the words of a search name, cut: a word contains what one of its endings begins with. */
export function searchTerms(searchedName: string): string[] {
  const terms = new Set<string>();
  for (const word of searchedName.split(' ')) {
    const letters = Array.from(word);
    for (let at = 0; at < letters.length; at += 1) terms.add(letters.slice(at, at + TERM_MAX).join(''));
  }
  return [...terms];
}

/** What a term that holds this word begins with. */
export function termStart(word: string): string {
  return Array.from(word).slice(0, TERM_MAX).join('');
}
