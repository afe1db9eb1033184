import type { HouseRule } from './house-rules.ts';

const WIDTH_MAX = 110;
/** Nothing can break a word of this length: an address, the name of a policy, a pattern. */
const WORD_MAX = 70;
const code = /\.(ts|tsx|css)$/;
/** Planted bugs quote the app's code, several lines in one. */
const quotesCode = /^test\/faults\/planted\//;

/** The formatter wraps code, but neither comments nor strings. */
export const lineWidth: HouseRule = {
  title: `no line of code is wider than ${WIDTH_MAX} columns`,
  violations: (files) =>
    files
      .filter(({ path }) => code.test(path) && !quotesCode.test(path))
      .flatMap(({ path, text }) =>
        text
          .split('\n')
          .map((line, index) => ({ line, at: `${path}:${index + 1}` }))
          .filter(({ line }) => line.length > WIDTH_MAX && !isUnbreakable(line))
          .map(({ at }) => at),
      ),
  broken: [
    { path: 'app/orders/order.ts', text: `// ${'word '.repeat(25)}` },
    { path: 'app/web/shop/shop.css', text: 'word '.repeat(25) },
    { path: 'test/unit/a.test.ts', text: `it('${'word '.repeat(25)}', () => {});` },
  ],
};

/** True for a regular expression and for a line with a very long word. */
function isUnbreakable(line: string): boolean {
  return /^\s*\/[^/*]/.test(line) || line.split(' ').some((word) => word.length > WORD_MAX);
}
