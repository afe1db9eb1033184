import { expect } from 'chai';
import { createUuidSource, newUuid } from '../../app/platform/uuid.ts';

describe('newUuid', () => {
  it('creates valid version 7 ids that ascend and never repeat', () => {
    const beforeMs = Date.now();
    const ids = Array.from({ length: 20_000 }, () => newUuid());
    const afterMs = Date.now();
    for (const id of ids)
      expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids).to.deep.equal(ids.toSorted());
    expect(new Set(ids).size).to.equal(ids.length);
    const timesMs = ids.map((id) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
    expect(timesMs.at(0)).to.be.at.least(beforeMs);
    expect(timesMs.at(-1)).to.be.at.most(afterMs);
  });

  it('keeps ascending when its clock goes back, and encodes the time of its clock', () => {
    let nowMs = Date.UTC(2031, 4, 1);
    const newId = createUuidSource(() => nowMs);
    const first = newId();
    expect(Number.parseInt(first.slice(0, 8) + first.slice(9, 13), 16)).to.equal(nowMs);
    nowMs -= 60_000;
    expect(newId() > first).to.equal(true);
  });
});
