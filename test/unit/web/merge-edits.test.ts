import { expect } from 'chai';
import { differencesOf, mergeEdits } from '../../../app/web/console/parts/merge-edits.ts';

describe('edits that another edit has overtaken', () => {
  const base = { name: 'Kite', price: 100, limit: null, status: 'ACTIVE', tags: { a: 1 } };
  const theirs = { ...base, name: 'Their kite', price: 200, limit: 3, tags: { a: 2 } };
  const mine = { ...base, name: 'My kite', price: 200, status: 'INACTIVE' };
  const differences = differencesOf(base, theirs, mine);
  const changedBy = Object.fromEntries(differences.map(({ name, changedBy: by }) => [name, by]));

  it('differ where exactly one side changed a field, or both differently', () => {
    expect(changedBy).to.deep.equal({
      name: 'both',
      price: 'theirs',
      limit: 'theirs',
      status: 'mine',
      tags: 'theirs',
    });
    expect(differencesOf(base, base, base)).to.deep.equal([]);
    expect(differences[0]).to.include({ base: 'Kite', theirs: 'Their kite', mine: 'My kite' });
  });

  it('keep what only one side changed', () => {
    const merged = mergeEdits(theirs, differences, {});
    expect(merged).to.deep.include({ price: 200, limit: 3, status: 'INACTIVE', tags: { a: 2 } });
  });

  it('keep theirs where both changed a field, unless mine is chosen', () => {
    expect(mergeEdits(theirs, differences, {}).name).to.equal('Their kite');
    expect(mergeEdits(theirs, differences, { name: 'theirs' }).name).to.equal('Their kite');
    expect(mergeEdits(theirs, differences, { name: 'mine' }).name).to.equal('My kite');
    // A choice never overwrites a field that only the other side changed.
    expect(mergeEdits(theirs, differences, { limit: 'mine' }).limit).to.equal(3);
  });
});
