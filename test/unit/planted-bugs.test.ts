import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { plantedSources } from '../faults/planted/plant-bug.ts';
import { plantedBugs } from '../faults/planted/planted-bugs.ts';

const top = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(top, file), 'utf8');

describe('the bugs that are planted for the checker', () => {
  it('are twenty at least, each with a name of its own and a reason', () => {
    expect(plantedBugs.length).to.be.at.least(20);
    expect(new Set(plantedBugs.map(({ name }) => name)).size).to.equal(plantedBugs.length);
    for (const { name, why } of plantedBugs) expect(why.length, name).to.be.greaterThan(20);
  });

  for (const bug of plantedBugs) {
    it(`${bug.name} still fits the app and is still a program`, () => {
      const sources = plantedSources(bug, read);
      expect([...sources.keys()]).to.not.deep.equal([]);
      for (const [file, text] of sources) {
        expect(text, file).to.not.equal(read(file));
        // Throws for what is no TypeScript, or more than types.
        expect(stripTypeScriptTypes(text, { mode: 'strip' })).to.have.lengthOf.greaterThan(0);
      }
    });
  }

  it('an edit that fits nowhere, or twice, is refused', () => {
    const bug = { name: 'example', why: 'to see it', edits: [{ file: 'a.ts', find: 'lock', replace: '' }] };
    expect(() => plantedSources(bug, () => 'no such word')).to.throw('example: 0 places in a.ts');
    expect(() => plantedSources(bug, () => 'lock, unlock')).to.throw('example: 2 places in a.ts');
    expect([...plantedSources(bug, () => 'a lock')]).to.deep.equal([['a.ts', 'a ']]);
  });
});
