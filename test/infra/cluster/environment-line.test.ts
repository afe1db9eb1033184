import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { lineForNode, lineForSystemd } from '../../../lib/instance/programs/environment-line.ts';
import { temporaryFolder } from '../../support/shop/fresh-clone.ts';

const values = [
  'plain',
  '',
  'mysql://app:p%5Eword%3D1@host:3306/rowlock?ssl=%7B%22a%22%3Atrue%7D',
  'with space # and hash',
  String.raw`back\slash \n and $HOME`,
  `double " quote`,
  `single ' quote`,
  `single ' and double "`,
];

describe('a line of an environment file', () => {
  it("gives Node's --env-file the exact value", () => {
    const file = join(temporaryFolder('rowlock-env-'), 'environment');
    writeFileSync(file, values.map((value, index) => lineForNode([`V${index}`, value])).join(''));
    const script = 'console.log(JSON.stringify(Object.entries(process.env)))';
    const output = execFileSync(process.execPath, [`--env-file=${file}`, '-e', script], { encoding: 'utf8' });
    const read = Object.fromEntries(JSON.parse(output) as [string, string][]);
    expect(values.map((_, index) => read[`V${index}`])).to.deep.equal(values);
  });

  it('is rejected for an ambiguous value', () => {
    expect(() => lineForNode(['NAME', `all of ' " and \``])).to.throw('NAME has every kind of quote');
    for (const line of [lineForNode, lineForSystemd])
      expect(() => line(['NAME', 'two\nlines'])).to.throw('NAME has more than one line');
  });
});
