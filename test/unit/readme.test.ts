import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const top = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(top, file), 'utf8');
const LINES_MAX = 130;
const WORDS_MAX = 700;

/**
 * The parts that do not depend on the language: order of headings and code blocks, code, links and figures.
 */
function skeletonOf(text: string): Record<string, readonly string[]> {
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`]*`|\]\([^)]*\)/g, '');
  return {
    outline: all(/^(#+ |```\w*|\d\. |\|(?=-))/gm),
    blocks: all(/^```(.*?)^```$/gms).map((block) => block.replaceAll(/ +#.*$/gm, '')),
    code: all(/`([^`\n]+)`/g).toSorted(),
    links: all(/\]\(([^)]*)\)/g)
      .map((link) => link.replace('.ko.md', '.md'))
      .toSorted(),
    figures: [...prose.matchAll(/\d[\d,.]*\d/g)].map(([figure]) => figure).toSorted(),
  };
}

describe('the README', () => {
  it('has at most 130 lines and 700 words', () => {
    const text = read('README.md');
    expect(text.trimEnd().split('\n').length).to.be.at.most(LINES_MAX);
    expect(text.split(/\s+/).filter((word) => word !== '').length).to.be.at.most(WORDS_MAX);
  });

  it('has the same headings, commands, links and figures in Korean', () => {
    const [english, korean] = [read('README.md'), read('README.ko.md')].map(skeletonOf);
    expect(english?.['outline']?.length).to.be.greaterThan(10);
    expect(korean).to.deep.equal(english);
  });

  it('states the speed that docs/performance.md gives', () => {
    const [readme = '', performance = ''] = ['README.md', 'docs/performance.md'].map((file) =>
      read(file).replaceAll(/\s+/g, ' '),
    );
    const [, at64, at256] =
      /A hot product sells ([\d.]+) times[^;]*; ([\d.]+) times at 256/.exec(readme) ?? [];
    expect(performance).to.contain(
      `A hot product sells ${at64} times as fast as with one transaction per request at 64 connections`,
    );
    expect(performance).to.contain(` ${at256} times at 256`);
  });

  it('is reported when a heading, a command, a link or a figure differs', () => {
    const text = '# A\n\nRun `npm test` in 12 s.\n\n## B\n\n```sh\nnpm ci # one\n```\n\n[c](d.md)\n';
    expect(skeletonOf(text.replace('# one', '# 하나').replace('d.md', 'd.ko.md'))).to.deep.equal(
      skeletonOf(text),
    );
    for (const [part, other] of [
      ['## B', 'B'],
      ['npm test', 'npm start'],
      ['npm ci', 'npm i'],
      ['d.md', 'e.md'],
      ['12 s', '13 s'],
    ] as const)
      expect(skeletonOf(text.replace(part, other)), part).to.not.deep.equal(skeletonOf(text));
  });
});
