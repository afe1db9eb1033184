import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { findTestAtLine } from '../../scripts/test-suites/find-test-at-line.ts';

const top = fileURLToPath(new URL('../../', import.meta.url));
const source = `import { expect } from 'chai';

const helper = () => 1;

describe('carts (of guests)', () => {
  let cart: Cart;

  it('keeps a line', async () => {
    expect(cart.lines).to.have.lengthOf(1);
  });

  for (const size of [1, 2]) {
    it(\`takes \${[size].map((n) => ({ n }).n)} of $5\`, () => {
      expect(size).to.equal(1);
    });
  }

  describe("the owner's", () => {
    it('isn\\'t shared', () => cart.check());
    it(
      'is merged',
      () => {
        expect(1).to.equal(1);
      },
    );
  });
});
`;
const lines = source.split('\n');

function patternAt(text: string): RegExp {
  const pattern = findTestAtLine(source, lines.findIndex((line) => line.includes(text)) + 1);
  if (pattern === undefined) throw new Error(`no test is around ${text}`);
  return new RegExp(pattern);
}

describe('findTestAtLine', () => {
  it('matches exactly the test around the line, and no longer or shorter title', () => {
    for (const text of ["it('keeps a line'", 'lengthOf(1)']) {
      expect('carts (of guests) keeps a line').to.match(patternAt(text));
      expect('carts (of guests) keeps a line twice').not.to.match(patternAt(text));
      expect('the carts (of guests) keeps a line').not.to.match(patternAt(text));
    }
  });

  it('matches every test of the innermost group between its tests', () => {
    expect('carts (of guests) keeps a line').to.match(patternAt('let cart'));
    expect("carts (of guests) the owner's is merged").to.match(patternAt('let cart'));
    expect('carts (of guests) keeps a line').not.to.match(patternAt("the owner's"));
  });

  it('matches any value of a placeholder, and the text around it literally', () => {
    expect('carts (of guests) takes 2 of $5').to.match(patternAt('equal(1);'));
    expect('carts (of guests) takes 2 of x5').not.to.match(patternAt('equal(1);'));
  });

  it('reads escaped quotes, one-line tests and a title on the next line', () => {
    expect("carts (of guests) the owner's isn't shared").to.match(patternAt('cart.check()'));
    expect("carts (of guests) the owner's is merged").to.match(patternAt('expect(1)'));
    expect("carts (of guests) the owner's isn't shared").not.to.match(patternAt('expect(1)'));
  });

  it('matches a group whose title names what the machine lacks', () => {
    expect('carts (of guests) (needs Docker) keeps a line').to.match(patternAt('lengthOf(1)'));
  });

  it('matches the whole file outside every group', () => {
    expect(findTestAtLine(source, 3)).to.equal(undefined);
  });

  it('rejects a line beyond the end of the file', () => {
    expect(() => findTestAtLine(source, 1000)).to.throw(/^there is no test at line 1000: the file has \d+ /);
  });

  it('finds every test of this project at its first line', () => {
    const missed: string[] = [];
    let found = 0;
    for (const file of globSync('test/*/**/*.test.ts', { cwd: top })) {
      const text = readFileSync(`${top}${file}`, 'utf8');
      for (const [index, line] of text.split('\n').entries()) {
        if (!/^ *it\(/.test(line)) continue;
        found++;
        if (findTestAtLine(text, index + 1)?.endsWith('$') !== true) missed.push(`${file}:${index + 1}`);
      }
    }
    expect(missed).to.deep.equal([]);
    expect(found).to.be.greaterThan(1000);
  });
});
