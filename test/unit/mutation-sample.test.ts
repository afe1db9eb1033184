import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { drawSample } from '../mutation/sample/draw-sample.ts';
import { literalTexts } from '../mutation/sample/literal-texts.ts';
import { coveringTests, sampledFiles } from '../mutation/sample/sampled-files.ts';
import { sqlMutants } from '../mutation/sample/sql-mutants.ts';

const top = join(import.meta.dirname, '../..');

describe('the sample of mutants', () => {
  it('finds the texts of literals, also inside the expressions of a template', () => {
    const source = "f('a'); // 'no'\n/* `no` */ g(`b${h({ i: `c${j}d` })}e`, \"it's\");";
    const texts = literalTexts(source).map(({ start, end }) => source.slice(start, end));
    expect(texts.toSorted()).to.deep.equal(['', 'a', 'b', 'c', 'd', 'e', "it's"].toSorted().filter(Boolean));
  });

  it('changes SQL in the ways that a statement goes wrong', () => {
    const source = [
      'const a = `SELECT id FROM orders WHERE user_id = ? AND n + 1 < m',
      '  ORDER BY id DESC LIMIT ? FOR UPDATE`;',
      "if (a === '' && b) throw new Error('x = y');",
    ].join('\n');
    const changes = sqlMutants('a.ts', source).map(
      ({ start, end, replacement, kind }) => `${kind}: ${source.slice(start, end)} → ${replacement}`,
    );
    expect(changes).to.have.members([
      'comparison turned round: = → <>',
      'condition dropped: user_id = ? → (user_id = ? OR TRUE)',
      'AND and OR exchanged: AND → OR',
      '+ and - exchanged: + → -',
      'order reversed:  DESC → ',
      'LIMIT changed: LIMIT ? → LIMIT 1 /* ? */',
      'FOR UPDATE removed:  FOR UPDATE → ',
    ]);
  });

  it('is the same for the same seed, and another for another', () => {
    const mutants = Array.from({ length: 100 }, (_, start) => ({
      file: 'a.ts',
      start,
      end: start + 1,
      replacement: '',
      kind: 'x',
    }));
    const drawn = drawSample(mutants, { size: 10, seed: '1' });
    expect(drawn).to.have.lengthOf(10);
    expect(drawSample(mutants.toReversed(), { size: 10, seed: '1' })).to.deep.equal(drawn);
    expect(drawSample(mutants, { size: 10, seed: '2' })).to.not.deep.equal(drawn);
  });

  it('knows SQL in every SQL file, and tests for every file that it may change', () => {
    const files = sampledFiles(top);
    expect(files.length).to.be.greaterThan(40);
    for (const file of files) {
      const tests = coveringTests(file, top);
      expect(tests, file).to.not.deep.equal([]);
      for (const test of tests) expect(existsSync(join(top, test)), test).to.equal(true);
      if (!file.endsWith('-sql.ts')) continue;
      const source = readFileSync(join(top, file), 'utf8');
      const isInsertOnly = !/WHERE/.test(source);
      expect(sqlMutants(file, source).length > 0 || isInsertOnly, file).to.equal(true);
    }
  });
});
