import { expect } from 'chai';
import { insertOutboxEvents, readOutboxBacklog } from '../../../app/events/outbox-sql.ts';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createTestDatabase } from '../../support/servers/database.ts';

describe('the backlog of the outbox', () => {
  it('is the number of waiting events, and the age of the oldest', async () => {
    const witness = await createTestDatabase();
    const database = openAppDatabase(witness.url, { connectionsMax: 2 });
    onCleanup(() => database.close());
    expect(await readOutboxBacklog(database)).to.deep.equal({ events: 0, oldestAgeMs: null });

    const ids = [newUuid(), newUuid(), newUuid()];
    await database.withTransaction({ name: 'test', rerunnable: false }, (tx) =>
      insertOutboxEvents(
        tx,
        ids.map((eventId) => ({ eventId, type: 'test', payload: '{}' })),
        0,
      ),
    );
    const age = (id: string | undefined, minutes: number) =>
      witness.write('UPDATE outbox SET created_at = NOW(3) - INTERVAL ? MINUTE WHERE event_id = ?', [
        minutes,
        uuidBytes(id ?? ''),
      ]);
    await age(ids[0], 20);
    await age(ids[1], 30);
    const { events, oldestAgeMs } = await readOutboxBacklog(database);
    expect(events).to.equal(3);
    expect(oldestAgeMs).to.be.within(30 * 60_000, 31 * 60_000);
  });
});
