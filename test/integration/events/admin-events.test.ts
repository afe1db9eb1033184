import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

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
    const event = (id: string) => ({ id, type: 'rowlock.order.completed.v2' });
    const Reason = { DataType: 'String', StringValue: 'uncountable' };
    for (const [body, attributes] of [
      [JSON.stringify(event(one)), { Reason }],
      [JSON.stringify([event(two), event(three)]), {}],
      ['no event', {}],
    ] as const)
      await shop.aws.sqs.send(
        new SendMessageCommand({
          QueueUrl: shop.aws.deadLetterQueueUrl,
          MessageBody: body,
          MessageAttributes: attributes,
        }),
      );
    const { value, unavailable } = (await admin.get('/admin/events/dead-letters')).body;
    expect(unavailable).to.equal(null);
    expect([unavailable, value.isComplete]).to.deep.equal([null, true]);
    const shown = value.events.map(({ eventId, orderId, reason }: Record<string, string | null>) => [
      eventId,
      orderId,
      reason,
    ]);
    expect(shown).to.have.deep.members([
      [one, one, 'uncountable'],
      [two, two, null],
      [three, three, null],
      [null, null, null],
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

  it('are sent back from the dead letters by an operator, which the trail shows', async () => {
    const letter = () =>
      shop.aws.sqs.send(
        new SendMessageCommand({
          QueueUrl: shop.aws.deadLetterQueueUrl,
          MessageBody: `{"n":"${randomUUID()}"}`,
        }),
      );
    for (let count = 0; count < 12; count += 1) await letter();
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
