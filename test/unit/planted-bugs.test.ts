import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { plantedSources } from '../faults/planted/plant-bug.ts';
import type { PlantedBug } from '../faults/planted/planted-bug.ts';
import { plantedBugs } from '../faults/planted/planted-bugs.ts';
import { isFlawless, plantedTable, runPlanted } from '../faults/planted/run-planted.ts';
import type { FaultRun, FaultRunOptions } from '../faults/run/run-faults.ts';

const top = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(top, file), 'utf8');

describe('the planted bugs', () => {
  it('are at least twenty, each with a unique name and a reason', () => {
    expect(plantedBugs.length).to.be.at.least(20);
    expect(new Set(plantedBugs.map(({ name }) => name)).size).to.equal(plantedBugs.length);
    for (const { name, why } of plantedBugs) expect(why.length, name).to.be.greaterThan(20);
  });

  for (const bug of plantedBugs) {
    it(`${bug.name} still applies to the app, and the result is still valid code`, () => {
      const sources = plantedSources(bug, read);
      expect([...sources.keys()]).to.not.deep.equal([]);
      for (const [file, text] of sources) {
        expect(text, file).to.not.equal(read(file));
        // The call throws for text that is not TypeScript, or that needs more than types removed.
        expect(stripTypeScriptTypes(text, { mode: 'strip' })).to.have.lengthOf.greaterThan(0);
      }
    });
  }

  it('an edit that matches nowhere, or twice, is rejected', () => {
    const bug = { name: 'example', why: 'to see it', edits: [{ file: 'a.ts', find: 'lock', replace: '' }] };
    expect(() => plantedSources(bug, () => 'no such word')).to.throw('example: 0 places in a.ts');
    expect(() => plantedSources(bug, () => 'lock, unlock')).to.throw('example: 2 places in a.ts');
    expect([...plantedSources(bug, () => 'a lock')]).to.deep.equal([['a.ts', 'a ']]);
  });

  describe('are searched for', () => {
    const [bug, other] = plantedBugs as [PlantedBug, PlantedBug];
    const runs: FaultRunOptions[] = [];

    /** Plants bugs; each run detects what `find` returns for it. */
    async function plant(
      bugs: readonly PlantedBug[],
      find: (options: FaultRunOptions) => Partial<FaultRun> | string,
    ) {
      runs.length = 0;
      const lines: string[] = [];
      const results = await runPlanted({
        bugs,
        top,
        seedsMax: 3,
        run: async (options) => {
          runs.push(options);
          const found = find(options);
          if (typeof found === 'string') return found;
          return { violations: [], complaints: [], dir: '/nowhere', ...found } as unknown as FaultRun;
        },
        print: (line) => lines.push(line),
        signal: new AbortController().signal,
      });
      return { results, lines };
    }
    const violation = { rule: 'stock-chain', harm: 'drift', detail: 'a gap\nand more' } as const;

    it('in a copy of the app, seed by seed, and the unchanged app runs the same seeds', async () => {
      const { results } = await plant([bug], ({ seed, appDir }) => {
        if (appDir === undefined) return {};
        for (const { file, replace } of bug.edits)
          expect(readFileSync(join(appDir, file), 'utf8')).to.include(replace);
        return seed === 2 ? { violations: [violation, violation] } : {};
      });
      expect(runs.map(({ seed, appDir }) => [seed, appDir === undefined])).to.deep.equal([
        [1, false],
        [2, false],
        [1, true],
        [2, true],
      ]);
      for (const { schedule } of runs) expect(schedule).to.equal(bug.schedule);
      expect(existsSync(runs[0]?.appDir as string), 'the copy').to.equal(false);
      expect(results).to.deep.equal([{ bug, seeds: 2, caughtBy: ['stock-chain'], falseAlarms: [] }]);
      expect(isFlawless(results, [bug])).to.equal(true);
      expect(plantedTable(results)).to.include('| `stock-chain` | 2 | clean |');
      expect(plantedTable(results)).to.include('planted=1 caught=1 false alarms=0');
    });

    it('and a bug that is not found, or an aborted run, is reported', async () => {
      const { results, lines } = await plant([bug], () => 'no server\nat all');
      expect(results).to.deep.equal([{ bug, seeds: 3, caughtBy: [], falseAlarms: [] }]);
      expect(isFlawless(results, [bug])).to.equal(false);
      expect(lines.at(-1)).to.equal(`${bug.name}: NOT CAUGHT with 3 seeds`);
      expect(lines[0]).to.equal(`  ${bug.name}, seed 1: no server`);
    });

    it('and a violation in the unchanged app is a false alarm', async () => {
      const { results } = await plant([bug, other], () => ({ violations: [violation] }));
      expect(results.map(({ falseAlarms }) => falseAlarms)).to.deep.equal([
        ['seed 1: stock-chain: a gap'],
        ['seed 1: stock-chain: a gap'],
      ]);
      expect(isFlawless(results, [bug, other])).to.equal(false);
      // The second bug shows under the same faults, so its run without the bug is the same run.
      expect(runs.map(({ appDir }) => appDir === undefined)).to.deep.equal([false, true, false]);
    });
  });
});
