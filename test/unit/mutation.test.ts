import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { mutatedRules } from '../mutation/mutated-rules.ts';
import { readReport } from '../mutation/read-report.ts';

const top = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(top, file), 'utf8');

describe('the mutation runs', () => {
  it('name files and tests that exist', () => {
    for (const { file, tests } of mutatedRules) {
      for (const each of [file, ...tests]) expect(read(each), each).to.not.equal('');
    }
  });

  it('include every file that evaluates or decides', () => {
    const files = globSync('app/*/{evaluate,decide}-*.ts', { cwd: top });
    expect(files.length).to.be.greaterThan(5);
    expect(mutatedRules.map(({ file }) => file)).to.include.members(files);
  });

  it('report killed and equivalent mutants, survivors, and outdated reasons', () => {
    const place = (line: number, from: number, to: number) => ({
      start: { line, column: from },
      end: { line, column: to },
    });
    const report = {
      files: {
        'a.ts': {
          source: 'if (a) b();\nreturn a < b;\n',
          mutants: [
            { mutatorName: 'X', status: 'Killed', location: place(1, 1, 3) },
            { mutatorName: 'X', status: 'Timeout', location: place(1, 1, 3) },
            { mutatorName: 'Less', status: 'Survived', replacement: 'a <= b', location: place(2, 8, 13) },
            { mutatorName: 'If', status: 'Survived', replacement: 'true', location: place(1, 5, 6) },
          ],
        },
      },
    };
    const known = { file: 'a.ts', original: 'a < b', replacement: 'a <= b', why: 'never equal' };
    const old = { file: 'a.ts', original: 'c', replacement: 'd', why: 'gone' };
    const elsewhere = { ...old, file: 'b.ts' };
    expect(readReport(report, [known, old, elsewhere])).to.deep.equal({
      killed: 2,
      equivalent: 1,
      survived: ['a.ts:1:5 If: a → true'],
      stale: [old],
    });
  });
});
