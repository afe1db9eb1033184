import { expect } from 'chai';
import { decodeCursor, encodeCursor } from '../../app/http/contract/page-cursor.ts';

const made = (text: string) => Buffer.from(text).toString('base64url');

describe('a page cursor', () => {
  it('decodes to the encoded value and is safe in a URL', () => {
    for (const values of [['a', 1], ['', 0], ['키&?=/+ "', -1.5], [Number.MAX_SAFE_INTEGER]]) {
      const cursor = encodeCursor(values);
      expect(cursor).to.match(/^[A-Za-z0-9_-]+$/);
      const shape = values.map((value) => typeof value as 'string' | 'number');
      expect(decodeCursor(cursor, shape)).to.deep.equal(values);
    }
  });

  it('is rejected unless the shop created it', () => {
    const foreign = [
      '',
      '!',
      'abc',
      made('null'),
      made('{}'),
      made('"a"'),
      made('[]'),
      made('[1'),
      made('[null]'),
    ];
    const wrong = [made('["a","b"]'), made('[1]'), made('[["a"]]'), made('[{"length":1}]'), made('[true]')];
    for (const cursor of [...foreign, ...wrong]) {
      expect(decodeCursor(cursor, ['string']), cursor).to.equal(undefined);
    }
    expect(decodeCursor(made('["1"]'), ['number'])).to.equal(undefined);
    expect(decodeCursor(made('[1e999]'), ['number'])).to.equal(undefined);
    expect(decodeCursor(made('["a",1]'), ['string', 'string'])).to.equal(undefined);
  });
});
