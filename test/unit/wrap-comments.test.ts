import { expect } from 'chai';
import { wrapComments } from '../../scripts/contract/wrap-comments.ts';

describe('wrapping generated comments', () => {
  it('breaks a long line of a comment at its spaces', () => {
    const source = '  /**\n   * one two three four\n   * five\n   */';
    expect(wrapComments(source, 14)).to.equal('  /**\n   * one two\n   * three\n   * four\n   * five\n   */');
  });

  it('opens a comment of one line', () => {
    expect(wrapComments('  /** one two three */', 14)).to.equal('  /**\n   * one two\n   * three\n   */');
  });

  it('leaves narrow lines, code and words without a space as they are', () => {
    const source = '  /** one two */\n  const wide = "of code that is wide";\n   * https://example.com/wide';
    expect(wrapComments(source, 16)).to.equal(source);
  });
});
