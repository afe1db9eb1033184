import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { suites } from '../../scripts/test-suites/suites.ts';
import { chainDamages } from '../integration/audit/chain-damages.ts';
import { couponDamages } from '../integration/audit/coupon-damages.ts';
import { orderDamages } from '../integration/audit/order-damages.ts';
import { testTitles } from '../support/test-titles.ts';

const top = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(top, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const suiteNames = suites.map(({ name }): string => name);

/** Read once: most commands search the same files. */
const titlesOfFiles = globSync('test/*/**/*.test.ts', { cwd: top }).map((file) => ({
  suite: file.split(/[\\/]/)[1],
  titles: testTitles(join(top, file)),
}));

/** Reasons why the commands of a page show nothing. */
function brokenCommands(commands: readonly string[]): string[] {
  return commands.flatMap((command) => {
    const [, script] = /^npm run (\S+)/.exec(command) ?? [];
    if (script !== undefined) return scripts[script] === undefined ? [`${command}: no such script`] : [];
    const [program = ''] = command.split(' ');
    if (!existsSync(join(top, program))) return [`${command}: no such program`];
    if (program !== './scripts/test') return [];
    const [, suite] = /--suite=(\S+)/.exec(command) ?? [];
    if (suite !== undefined && !suiteNames.includes(suite)) return [`${command}: no such suite`];
    const [, quoted, bare] = /--grep=(?:'([^']+)'|(\S+))/.exec(command) ?? [];
    const pattern = new RegExp(quoted ?? bare ?? '');
    const isFound = titlesOfFiles.some(
      (file) => (suite ?? file.suite) === file.suite && file.titles.some((title) => pattern.test(title)),
    );
    return isFound ? [] : [`${command}: no test has this title`];
  });
}

const commandsOf = (page: string) =>
  [...read(page).matchAll(/`((?:\.\/|npm run )[^`]+)`/g)].map(([, command = '']) => command);

describe('the guarantees', () => {
  for (const page of ['docs/guarantees.md', 'README.md'])
    it(`have commands that exist and match tests, in ${page}`, () => {
      const commands = commandsOf(page);
      expect(commands.length).to.be.greaterThan(4);
      expect(brokenCommands(commands)).to.deep.equal([]);
    });

  it('have one command per row', () => {
    const rows = read('docs/guarantees.md').match(/^\| (?!guarantee |---).*\|$/gm) ?? [];
    expect(rows.length).to.be.at.least(47);
    for (const row of rows) expect(row).to.match(/^\| [^|]+ \| `[^`|]+` \|$/);
  });

  it('state how many kinds of damage the audit is tested with', () => {
    const { length } = Object.keys({ ...chainDamages, ...orderDamages, ...couponDamages });
    for (const page of ['docs/guarantees.md', 'README.md'])
      expect(read(page), page).to.contain(`The audit names each of ${length} kinds of damage`);
  });

  it('are reported when their command is gone', () => {
    const broken = [
      'npm run sell-all',
      './scripts/open',
      './scripts/test --suite=sales',
      "./scripts/test --suite=unit --grep='has a title that no test has'".replace('that no', 'no'),
    ];
    expect(brokenCommands(broken)).to.have.lengthOf(broken.length);
    expect(brokenCommands(["./scripts/test --suite=unit --grep='one command per row'"])).to.deep.equal([]);
  });
});
