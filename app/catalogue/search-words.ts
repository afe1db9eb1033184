/** Raised when the words of a name come out otherwise than before, so that listed names are made again. */
export const SEARCH_VERSION = 2;

/** Characters of a term, and of the longest name that is searched; what is beyond them is not found. */
const TERM_MAX = 12;
const SEARCH_NAME_MAX = 400;
/** Words of a query: each is looked for in every name that is walked past. */
const WORDS_MAX = 10;
/** Characters of a query: as many as a name may have. */
const QUERY_MAX = 200;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/**
 * Accents of Latin, Greek and Cyrillic, but for the iota below, which is a letter in capitals; marks of other scripts make
 * another letter and stay. And what a browser shows nothing of, such as a soft hyphen or a joiner: two names that look the
 * same are searched alike.
 */
const UNSEARCHED = /[\u0300-\u0344\u0346-\u036f]|\p{Default_Ignorable_Code_Point}/gu;
/** Letters of the scripts that put blanks between words, and digits. */
const SPACED = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}]*$/u;

/**
 * A text as it is compared: of one width (NFKC), without accents and without what is not seen, in folded case. JavaScript has
 * no case folding; lower, upper and lower case one after the other are it (`ß`, `ẞ` and `ss` are one, and so are all sigmas,
 * and Cherokee). They also join the Turkish `i`s, dotted and dotless, which Unicode's default folding keeps apart:
 * `ISPARTA` finds `Isparta` and `ısparta`, whichever keyboard it was typed on.
 */
function fold(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(UNSEARCHED, '');
  const lower = plain.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  // Other case may have brought accents back.
  return lower.normalize('NFKD').replaceAll(UNSEARCHED, '').normalize('NFKC');
}

function wordsOf(text: string): string[] {
  return fold(text).match(WORD) ?? [];
}

/**
 * The words of a query: runs of letters and digits, folded, each once, in order. `Café` and `ＣＡＦÉ` are `cafe`; Hangul stays in
 * whole syllables. What is beyond 200 characters or ten words is ignored, so that the whole name of a product finds it.
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
 * A name as it is searched: its words without blanks, because compounds are written with and without them. A match across
 * two words may mean nothing; see matchesName.
 */
export function searchName(name: string): string {
  return cut(wordsOf(name).join(''), SEARCH_NAME_MAX);
}

/**
 * Whether a name of which `searchName` contains each word is what was searched for. A word of a script with blanks (`hat`) is
 * somewhere in a word or begins where one does: `tshirt` is in `T-Shirt`, `hat` is not in `with a tray`. Other scripts
 * are written in one as often as not, and match anywhere.
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

/** The endings of a search name, cut: it contains what one of them begins with. */
export function searchTerms(searchedName: string): string[] {
  const terms = new Set<string>();
  // Names of a release before this one have blanks.
  for (const word of searchedName.split(' ')) {
    const letters = Array.from(word);
    for (let at = 0; at < letters.length; at += 1) terms.add(letters.slice(at, at + TERM_MAX).join(''));
  }
  return [...terms];
}

/** What a term that holds this word begins with. */
export function termStart(word: string): string {
  return cut(word, TERM_MAX);
}

/** The first characters of a text, none of them cut in two. */
function cut(text: string, characters: number): string {
  return text.length <= characters ? text : Array.from(text).slice(0, characters).join('');
}
