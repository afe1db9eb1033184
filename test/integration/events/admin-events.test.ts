import { expect } from 'chai';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { newDeadLetter } from '../../support/shop/new-dead-letter.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const event = (id: string) => ({ id, type: 'rowlock.order.completed.v2' });

describe('order events, for operators,', () => {
  const shop = useTestShop({ events: 'sqs' });
  let app: AppProcess;
  let admin: AdminClient;

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  it('are listed while they wait in the outbox, page by page', async () => {
    const ids = [newUuid(), newUuid(), newUuid()];
    for (const id of ids) {
      await shop.database.write(
        `INSERT INTO outbox (event_id, type, payload, created_at, claimed_until, attempts)
         VALUES (?, 'rowlock.order.completed.v1', '{}', NOW(3), NOW(3) + INTERVAL 1 HOUR, 2)`,
        [uuidBytes(id)],
      );
    }
    const first = (await admin.get('/admin/events?limit=2')).body;
    const second = (await admin.get(`/admin/events?limit=2&cursor=${first.nextCursor}`)).body;
    const listed = [...first.data, ...second.data];
    expect(listed.map(({ id }) => id)).to.deep.equal(ids);
    expect(listed[0]).to.deep.include({ orderId: ids[0], attempts: 2 });
    expect(second.nextCursor).to.equal(null);
    await shop.database.write('DELETE FROM outbox');
  });

  it('are listed as dead letters, with event and reason, and taken away by no reading', async () => {
    const [one, two, three] = [newUuid(), newUuid(), newUuid()];
    await newDeadLetter(shop.aws, JSON.stringify(event(one)), 'uncountable');
    await newDeadLetter(shop.aws, JSON.stringify([event(two), event(three)]));
    await newDeadLetter(shop.aws, 'no event');
    await shop.database.write('INSERT INTO processed_events VALUES (?, NOW(3))', [uuidBytes(three)]);
    const { value, unavailable } = (await admin.get('/admin/events/dead-letters')).body;
    expect(unavailable).to.equal(null);
    expect([unavailable, value.isComplete]).to.deep.equal([null, true]);
    const shown = value.events.map(({ eventId, orderId, reason, isCounted }: Record<string, unknown>) => [
      eventId,
      orderId,
      reason,
      isCounted,
    ]);
    expect(shown).to.have.deep.members([
      [one, one, 'uncountable', false],
      [two, two, null, false],
      [three, three, null, true],
      [null, null, null, false],
    ]);
    await until('they are visible again', async () => {
      const reply = await admin.get('/admin/events/dead-letters');
      return reply.body.value.events.length === 4;
    });
    await until('all are sent back', async () => {
      await admin.post('/admin/events/redrive');
      return (await shop.aws.messageCount(shop.aws.deadLetterQueueUrl)) === 0;
    });
  });

  it('are sent back one dead letter at a time, whole, with a trail, and no other letter moves', async () => {
    const body = JSON.stringify([event(newUuid()), event(newUuid())]);
    const others = [await newDeadLetter(shop.aws), await newDeadLetter(shop.aws)];
    const letter = await newDeadLetter(shop.aws, body);
    const redrive = (id: string, by = admin) => by.post(`/admin/events/dead-letters/${id}/redrive`);
    expect((await redrive(letter, await adminClient(shop, app, 'viewer'))).status).to.equal(403);
    // What was just read is hidden for three seconds, and found nevertheless.
    await admin.get('/admin/events/dead-letters');
    const before = await shop.aws.messageCount();
    const { status, body: moved } = await redrive(letter);
    expect([status, moved]).to.deep.equal([200, { status: 'finished', moved: 1 }]);
    expect(await shop.aws.messageCount()).to.equal(before + 1);
    await until('the others are visible again', async () => {
      const { value } = (await admin.get('/admin/events/dead-letters')).body;
      return value.events.length === others.length;
    });
    const trail = async () => (await admin.get('/admin/actions?action=events_redriven&limit=1')).body.data[0];
    const action = await trail();
    expect(action).to.deep.include({ target: { kind: 'events', id: null }, after: { letter } });

    const again = await redrive(letter);
    expect([again.status, again.body.code]).to.deep.equal([404, 'dead_letter_not_found']);
    expect((await trail()).seq, 'a letter that is not found leaves no trail').to.equal(action.seq);
    await until('all are sent back', async () => {
      await admin.post('/admin/events/redrive');
      return (await shop.aws.messageCount(shop.aws.deadLetterQueueUrl)) === 0;
    });
  });

  it('stay dead letters while the trail cannot be written', async () => {
    const letter = await newDeadLetter(shop.aws);
    await shop.database.write('RENAME TABLE admin_actions TO admin_actions_away');
    const refused = await admin.post(`/admin/events/dead-letters/${letter}/redrive`);
    await shop.database.write('RENAME TABLE admin_actions_away TO admin_actions');
    expect(refused.status).to.equal(503);
    await until('it is visible again', async () => {
      const { value } = (await admin.get('/admin/events/dead-letters')).body;
      return value.events.some(({ id }: { id: string }) => id === letter);
    });
    await until('it is sent back', async () => {
      const { body } = await admin.post(`/admin/events/dead-letters/${letter}/redrive`);
      return body.moved === 1;
    });
  });

  it('are sent back from the dead letters by an operator, which the trail shows', async () => {
    for (let count = 0; count < 12; count += 1) await newDeadLetter(shop.aws);
    const viewer = await adminClient(shop, app, 'viewer');
    expect((await viewer.post('/admin/events/redrive')).status).to.equal(403);
    await until('the dead letters are seen', async () => {
      const { queue } = (await admin.get('/admin/events')).body;
      return queue.value.deadLetters === 12;
    });
    const before = await shop.aws.messageCount();
    const { status, body } = await admin.post('/admin/events/redrive');
    expect([status, body]).to.deep.equal([200, { status: 'finished', moved: 12 }]);
    expect(await shop.aws.messageCount(shop.aws.deadLetterQueueUrl)).to.equal(0);
    expect(await shop.aws.messageCount()).to.equal(before + 12);
    expect((await admin.get('/admin/events')).body.queue.value.deadLetters).to.equal(0);
    const [action] = (await admin.get('/admin/actions?action=events_redriven')).body.data;
    expect(action).to.deep.include({ target: { kind: 'events', id: null }, after: { max: 1000 } });
    expect((await admin.post('/admin/events/redrive')).body.moved).to.equal(0);
  });
});
