import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { z } from 'zod';
import {
  BEYOND_TEXT,
  BLANKS,
  CONTROLS,
  IGNORABLES,
  MARKS,
  REORDERING,
  UNDEFINED,
} from '../../app/http/contract/character-classes.ts';
import { isVisible, textSchema } from '../../app/http/contract/text-schema.ts';
import { checkProperty } from '../support/check-property.ts';

const CODE_POINTS = 0x110000;

function* codePoints(): Generator<string> {
  for (let point = 0; point < CODE_POINTS; point += 1) {
    if (point < 0xd800 || point > 0xdfff) yield String.fromCodePoint(point);
  }
}

const differing = (ranges: string, isIn: (character: string) => boolean): string[] => {
  const written = new RegExp(`^[${ranges}]$`, 'u');
  return [...codePoints()].filter((character) => written.test(character) !== isIn(character));
};

const beyond = new RegExp(`[${BEYOND_TEXT}]`, 'u');
const isBeyond = (character: string) => beyond.test(character);

describe('the character classes in the OpenAPI document', () => {
  it('contain the control characters that are not text', () => {
    assert.deepEqual(
      differing(CONTROLS, (character) => /[\p{Cc}--[\t\n\r]]/v.test(character)),
      [],
    );
  });

  it('contain every default ignorable code point', () => {
    assert.deepEqual(
      differing(
        IGNORABLES,
        (character) => /\p{Default_Ignorable_Code_Point}/u.test(character) && !isBeyond(character),
      ),
      [],
    );
  });

  it('contain every bidirectional control except the three marks, and the deprecated ones', () => {
    const isReordering = (character: string) =>
      /[\p{Bidi_Control}--[\u200e\u200f\u061c]]|\p{Deprecated}|[\ufff9-\ufffb]/v.test(character);
    // Excludes deprecated letters and marks and an invisible tag, which belong to other classes.
    const others = differing(REORDERING, isReordering).filter(
      (character) => !/[\p{L}\p{M}\p{P}\u{e0001}]/u.test(character),
    );
    assert.deepEqual(others, []);
  });

  it('contain every private-use character and noncharacter', () => {
    assert.deepEqual(
      differing(
        UNDEFINED,
        (character) => /[\p{Co}\p{Noncharacter_Code_Point}]/u.test(character) && !isBeyond(character),
      ),
      [],
    );
  });

  it('end where only unassigned and private-use code points follow', () => {
    const text = [...codePoints()].filter(
      (character) => isBeyond(character) && !/[\p{Cn}\p{Co}]/u.test(character),
    );
    assert.deepEqual(text, []);
  });

  it('contain every mark known to the engine, and no visible character', () => {
    const others = differing(MARKS, (character) => /\p{M}/u.test(character));
    assert.deepEqual(
      others.filter((character) => !/[\p{Cn}\p{Default_Ignorable_Code_Point}]/u.test(character)),
      [],
    );
  });
});

describe('text that people read', () => {
  it('excludes of letters, digits, punctuation and symbols only fillers and the Braille blank', () => {
    const unseen = [...codePoints()].filter(
      (character) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) && !isVisible(character),
    );
    assert.deepEqual(unseen, ['\u115f', '\u1160', '\u2800', '\u3164', '\uffa0']);
  });

  it('may contain any letter, digit, punctuation mark or symbol, alone or between two letters', () => {
    const schema = textSchema(1, 10);
    const refused = [...codePoints()].filter(
      (character) =>
        /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) &&
        (isVisible(character) ? !schema.safeParse(character).success : true) &&
        !schema.safeParse(`a${character}b`).success,
    );
    assert.deepEqual(refused, []);
  });

  it('may contain any combining mark after a letter, and none at the beginning', () => {
    const schema = textSchema(1, 10);
    const marks = [...codePoints()].filter((character) => /\p{M}/u.test(character));
    assert.deepEqual(
      marks.filter((mark) => !schema.safeParse(`a${mark}`).success),
      [],
    );
    const leading = marks.filter((mark) => !/\p{Default_Ignorable_Code_Point}/u.test(mark));
    for (const before of ['', '\u200b', ' ', '\u200f\u00ad'])
      assert.deepEqual(
        leading.filter((mark) => schema.safeParse(`${before}${mark}a`).success),
        [],
      );
  });

  it('is accepted exactly as the document describes', async () => {
    const oneOf = (ranges: string) => fc.stringMatching(new RegExp(`^[${ranges}]$`, 'u'));
    const character = fc.oneof(
      ...[BLANKS, MARKS, CONTROLS, REORDERING, UNDEFINED].map(oneOf),
      fc.integer({ min: 0xe01f0, max: CODE_POINTS - 1 }).map((point) => String.fromCodePoint(point)),
      { weight: 12, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    );
    const text = fc.array(character, { maxLength: 4 }).map((characters) => characters.join(''));
    for (const min of [0, 1]) {
      const schema = textSchema(min, 10);
      const { pattern = '', not } = z.toJSONSchema(schema) as { pattern?: string; not?: { pattern: string } };
      const allowed = new RegExp(pattern, 'u');
      const forbidden = new RegExp(not?.pattern ?? '(?!)', 'u');
      // Clients that know no flag `u` must at least be able to compile them.
      assert.doesNotThrow(() => [new RegExp(pattern), new RegExp(not?.pattern ?? '')]);
      await checkProperty(
        fc.property(text, (given) => {
          const isDocumented = allowed.test(given) && !forbidden.test(given);
          assert.equal(schema.safeParse(given).success, isDocumented, JSON.stringify(given));
        }),
      );
    }
  });
});
