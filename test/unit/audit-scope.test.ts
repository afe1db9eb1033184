import { expect } from 'chai';
import { everyHour } from '../../app/audit/audit-statistics.ts';
import { scopeOf } from '../../app/audit/audit-scope.ts';
import { firstUuidAt, newUuid, uuidBytes } from '../../app/platform/uuid.ts';

const at = (time: string) => new Date(`2026-03-01T${time}Z`);
const late = 900_000;

describe('the scope of an audit', () => {
  it('is every row for a full audit and before the first checkpoint', () => {
    const snapshotAt = at('13:30:00');
    const all = { checkpoint: undefined, snapshotAt, eventsLateAfterMs: late };
    const first = scopeOf('incremental', all);
    expect(first.orders.from).to.deep.equal(Buffer.alloc(16));
    expect(first.orders.to).to.deep.equal(Buffer.alloc(16, 255));
    expect(first.statistics).to.deep.equal({ ids: first.orders, hours: everyHour });
    expect(first).to.deep.equal({
      ...scopeOf('full', { ...all, checkpoint: snapshotAt }),
      changedOnly: true,
    });
  });

  it('continues from the checkpoint, less a minute for orders then in progress', () => {
    const scope = scopeOf('incremental', {
      checkpoint: at('13:30:00'),
      snapshotAt: at('13:31:00'),
      eventsLateAfterMs: late,
    });
    expect(scope.orders.from).to.deep.equal(firstUuidAt(at('13:29:00')));
    expect(scope.events).to.deep.equal({
      from: firstUuidAt(at('13:14:00')),
      to: firstUuidAt(at('13:17:00')),
    });
    // The hour is not over, so no order is checked for it.
    expect(scope.statistics.ids.to).to.deep.equal(Buffer.alloc(16));
  });

  it('contains the statistics of each hour once, after its end', () => {
    const scope = scopeOf('incremental', {
      checkpoint: at('13:59:30'),
      snapshotAt: at('15:00:10'),
      eventsLateAfterMs: late,
    });
    expect(scope.statistics).to.deep.equal({
      ids: { from: firstUuidAt(at('12:59:00')), to: firstUuidAt(at('15:01:00')) },
      hours: { from: '2026-03-01 13:00:00', to: '2026-03-01 15:00:00' },
    });
  });

  it('converts a time to the first id of that time', () => {
    const id = uuidBytes(newUuid());
    expect(id.compare(firstUuidAt(new Date(Date.now() - 1000)))).to.equal(1);
    expect(id.compare(firstUuidAt(new Date(Date.now() + 1000)))).to.equal(-1);
  });
});
