/** Raise this whenever a name gives other words than before: listed names are then rebuilt. */
export const SEARCH_VERSION = 2;

/** Characters of a term, and of the longest search name. Text beyond these limits is not found. */
const TERM_MAX = 12;
const SEARCH_NAME_MAX = 400;
/** Words per query. A scan compares each of them with every name. */
const WORDS_MAX = 10;
/** Characters per query: as many as a name may have. */
const QUERY_MAX = 200;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/**
 * Characters that search ignores:
 *
 * - Accents of Latin, Greek and Cyrillic, except the iota subscript, which is a letter in capitals. Marks of
 * other scripts make a different letter and stay.
 * - Characters that browsers do not show, such as soft hyphens and joiners: names that look the same must
 * match alike.
 */
const UNSEARCHED = /[\u0300-\u0344\u0346-\u036f]|\p{Default_Ignorable_Code_Point}/gu;
/** Digits, and letters of scripts that separate words with spaces. */
const SPACED = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}]*$/u;

/**
 * Normalizes a text for comparison: one width (NFKC), no accents, no invisible characters, folded case.
 *
 * JavaScript has no case folding; applying lower, upper and lower case in turn is equivalent (`ß`, `ẞ` and
 * `ss` become one, as do all sigmas, and Cherokee). It also unites the dotted and dotless Turkish `i`, which
 * Unicode's default folding keeps apart: `ISPARTA` finds `Isparta` and `ısparta`, on any keyboard.
 */
function fold(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(UNSEARCHED, '');
  return plain.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

function wordsOf(text: string): string[] {
  return fold(text).match(WORD) ?? [];
}

/**
 * The words of a query: runs of letters and digits, folded, unique, in order. `Café` and `ＣＡＦÉ` become
 * `cafe`; Hangul stays in whole syllables. Text beyond 200 characters or ten words is ignored, so that a
 * product's whole name finds it.
 */
export function queryWords(text: string): string[] {
  const words: string[] = [];
  let left = SEARCH_NAME_MAX;
  for (const word of wordsOf(cut(text, QUERY_MAX))) {
    const searched = cut(word, left);
    left -= Array.from(searched).length;
    if (searched !== '' && !words.includes(searched)) words.push(searched);
    if (words.length === WORDS_MAX) break;
  }
  return words;
}

/**
 * The searchable form of a name: its words without spaces, because compounds are written with and without
 * them. A match across two words may be meaningless; see matchesName.
 */
export function searchName(name: string): string {
  return cut(wordsOf(name).join(''), SEARCH_NAME_MAX);
}

/**
 * Decides whether a name really matches, given that its `searchName` contains every word. A word in a script
 * with spaces (`hat`) must lie within one word of the name or begin where one begins: `tshirt` matches
 * `T-Shirt`, `hat` does not match `with a tray`. Other scripts are often written without spaces and match
 * anywhere.
 */
export function matchesName(words: readonly string[], name: string): boolean {
  const spaced = words.filter((word) => SPACED.test(word));
  if (spaced.length === 0) return true;
  const own = wordsOf(name);
  return spaced.every(
    (word) =>
      own.some((part) => part.includes(word)) ||
      own.some((_, index) => own.slice(index).join('').startsWith(word)),
  );
}

/** The truncated suffixes of a search name: a name contains a word if one of its terms starts with it. */
export function searchTerms(searchedName: string): string[] {
  const terms = new Set<string>();
  // Search names written by earlier releases contain spaces.
  for (const word of searchedName.split(' ')) {
    const letters = Array.from(word);
    for (let at = 0; at < letters.length; at += 1) terms.add(letters.slice(at, at + TERM_MAX).join(''));
  }
  return [...terms];
}

/** The prefix that terms matching this word share. */
export function termStart(word: string): string {
  return cut(word, TERM_MAX);
}

/** The first characters of a text, without splitting surrogate pairs. */
function cut(text: string, characters: number): string {
  return text.length <= characters ? text : Array.from(text).slice(0, characters).join('');
}
