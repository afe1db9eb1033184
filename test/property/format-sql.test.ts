import { expect } from 'chai';
import * as fc from 'fast-check';
import { format } from 'mysql2';
import { formatSql, type SqlValue } from '../../app/platform/mysql/format-sql.ts';
import { checkProperty } from '../support/check-property.ts';

const scalar: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\0', '\b', '\t', '\n', '\r', '\x1a', '"', "'", '\\', '?', 'a', '%', '￥'),
  }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);
const list = fc.array(scalar, { minLength: 1, maxLength: 4 });
const value: fc.Arbitrary<SqlValue> = fc.oneof(scalar, list, fc.array(list, { minLength: 1, maxLength: 4 }));

/**
 * Within single quotes `\"` and `"` are equal. An escape has two characters, so a backslash that is itself
 * escaped starts none.
 */
function withPlainDoubleQuotes(sql: string): string {
  return sql.replaceAll(/\\[\s\S]/g, (escaped) => (escaped === '\\"' ? '"' : escaped));
}

describe('formatSql', () => {
  it('produces SQL equivalent to that of mysql2', async () => {
    await checkProperty(
      fc.property(fc.array(value, { maxLength: 5 }), (values) => {
        const sql = `SELECT ${values.map(() => 'a = ?').join(' AND ')} FROM t`;
        expect(withPlainDoubleQuotes(formatSql(sql, values))).to.equal(
          withPlainDoubleQuotes(format(sql, values as never, false, 'Z')),
        );
      }),
      2000,
    );
  });

  it('rejects values without an SQL representation', () => {
    const refused: SqlValue[] = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      [],
      [[]],
      { a: 1 } as never,
      undefined as never,
    ];
    for (const wrong of refused) expect(() => formatSql('SELECT ?', [wrong]), String(wrong)).to.throw();
    expect(() => formatSql('SELECT ?', [])).to.throw('more placeholders');
    expect(() => formatSql('SELECT ?', [1, 2])).to.throw('more values');
  });
});
