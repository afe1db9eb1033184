import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import {
  matchesName,
  queryWords,
  searchName,
  searchTerms,
  termStart,
} from '../../app/catalogue/search-words.ts';
import { textSchema } from '../../app/http/contract/text-schema.ts';
import { checkProperty } from '../support/check-property.ts';

const CODE_POINTS = 0x110000;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;

const finds = (query: string, name: string): boolean => {
  const words = queryWords(query);
  const searched = searchName(name);
  const terms = searchTerms(searched);
  return (
    matchesName(words, name) &&
    words.every((word) => searched.includes(word) && terms.some((term) => term.startsWith(termStart(word))))
  );
};

function* codePoints(): Generator<string> {
  for (let point = 0; point < CODE_POINTS; point += 1) {
    if (point < 0xd800 || point > 0xdfff) yield String.fromCodePoint(point);
  }
}

/** Characters of storable names in all scripts, including invisible ones. */
const nameCharacter = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }) },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ' ',
      '-',
      'ß',
      'ẞ',
      'ς',
      'Σ',
      'İ',
      'ı',
      'ŉ',
      'ﷺ',
      'ﬃ',
      '텀',
      '\u1100',
      '\u1161',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('\u00ad', '\u200b', '\u200d', '\u3164', '\ufe0f', '\u{e0020}', '\u0301'),
  },
);
const name = fc
  .array(nameCharacter, { minLength: 1, maxLength: 40 })
  .map((parts) => parts.join(''))
  .filter((text) => textSchema(1, 200).safeParse(text).success);

describe('case folding in search', function () {
  it('gives every case of a character the same form, and is idempotent', () => {
    const differing: string[] = [];
    for (const character of codePoints()) {
      const folded = queryWords(`x${character}x`).join(' ');
      const others = [
        character.toUpperCase(),
        character.toLowerCase(),
        character.toUpperCase().toLowerCase(),
      ];
      if (others.some((other) => queryWords(`x${other}x`).join(' ') !== folded)) differing.push(character);
      if (queryWords(folded).join(' ') !== folded) differing.push(character);
    }
    assert.deepEqual(differing, []);
  });

  it('ignores invisible characters at any position', async () => {
    const ignorable = fc.constantFrom(...[...codePoints()].filter((character) => IGNORABLE.test(character)));
    await checkProperty(
      fc.property(name, ignorable, fc.nat(), (text, hidden, at) => {
        const letters = Array.from(text);
        const place = at % (letters.length + 1);
        const joined = `${letters.slice(0, place).join('')}${hidden}${letters.slice(place).join('')}`;
        assert.equal(searchName(joined), searchName(text));
      }),
    );
  });

  it('finds every storable name by its full text, in any case and without its blanks', async () => {
    await checkProperty(
      fc.property(name, (text) => {
        assert.ok(finds(text, text));
        assert.ok(finds(text.toLowerCase(), text), 'in lower case');
        const squeezed = Array.from(searchName(text)).slice(0, 30).join('');
        // Skips names in which joining two words would compose a letter from both.
        if (squeezed.normalize('NFKC') === squeezed) assert.ok(finds(squeezed, text), 'without blanks');
      }),
    );
  });
});
