import { expect } from 'chai';
import type { AuditMode } from '../../../app/audit/audit-report.ts';
import { auditShop } from '../../../app/audit/audit-shop.ts';
import {
  cancelledEventId,
  orderCancelledEvent,
  orderCompletedEvent,
} from '../../../app/events/order-event.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { firstUuidAt, newUuid, uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import { countEvents } from '../../../app/statistics/count-events.ts';
import { purgeInbox } from '../../../app/statistics/purge-inbox.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { breaksOf, expectedBreaks } from '../audit/audit-breaks.ts';
import { clockBehind } from '../../support/servers/clock-behind.ts';
import { type Corruption, type Damaged, openCorruption } from '../../support/servers/corruption.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const OLD_DAYS = 60;
const retentionMs = 35 * DAY_MS;
const signal = new AbortController().signal;

describe('the inbox, purged of entries older than any message,', () => {
  const shop = useTestShop();
  let database: Database;
  let corruption: Corruption;
  let cup: string;
  /**
   * Orders placed and counted long ago: not cancelled, cancelled then, cancelled now. `young` is placed now.
   */
  let old: string;
  let cancelledThen: string;
  let cancelledNow: string;
  let young: string;

  before(async function () {
    database = openAppDatabase(shop.database.url, { connectionsMax: 2 });
    // Events that a stopped consumer held are delivered again almost at once.
    await shop.events.redeliverSoon();
    const roles = ['api', 'data-platform'] as const;
    const then = await shop.start(roles, {
      nodeOptions: clockBehind(OLD_DAYS),
      env: { INBOX_RETENTION_DAYS: '3650' },
    });
    cup = await (await adminClient(shop, then)).newProduct({ price: 10, stock: 100 });
    const { id: _, ...credentials } = await shop.client(then).signUp();
    const order = async (app: AppProcess, quantity: number): Promise<string> => {
      const customer = await shop.client(app).logIn(credentials);
      await customer.charge(1000);
      const reply = await customer.postOrder([{ productId: cup, quantity }]);
      expect(reply.status, reply.text).to.equal(200);
      return reply.body.id;
    };
    const cancel = async (app: AppProcess, orderId: string) => {
      const customer = await shop.client(app).logIn(credentials);
      expect((await customer.request('POST', `/orders/${orderId}/cancel`, { key: orderId })).status).to.equal(
        200,
      );
    };
    const counted = (events: number) =>
      until(`${events} events counted`, async () => {
        const left = await shop.database.value('SELECT COUNT(*) FROM outbox');
        return left === 0 && (await shop.database.value('SELECT COUNT(*) FROM processed_events')) === events;
      });

    old = await order(then, 1);
    cancelledThen = await order(then, 2);
    cancelledNow = await order(then, 4);
    await cancel(then, cancelledThen);
    await counted(4);
    await then.stop();
    // The cancellation is as late as only an admin's may be by default.
    const env = { INBOX_RETENTION_DAYS: '3650', ORDER_CANCEL_WINDOW_S: '31536000' };
    const now = await shop.start(roles, { env });
    young = await order(now, 8);
    await cancel(now, cancelledNow);
    await counted(6);
    await now.stop();

    expect((await audit('full')).breaks).to.deep.equal([]);
    expect(await purgeInbox({ database, retentionMs }, signal)).to.equal(4);
    corruption = await openCorruption(shop.database);
  });
  after(async () => {
    await corruption?.close();
    await database?.close();
  });

  const audit = (mode: AuditMode) =>
    auditShop({ database, steadyMs: () => performance.now() }, { mode, eventsLateAfterMs: 0, signal });
  const inbox = async () =>
    (await shop.database.read<{ event_id: Buffer }>('SELECT event_id FROM processed_events')).map(
      ({ event_id: id }) => uuidText(id),
    );

  it('has kept recent entries, including a late cancellation of an old order', async () => {
    expect(await inbox()).to.have.members([young, cancelledEventId(cancelledNow)]);
    expect(await purgeInbox({ database, retentionMs }, signal)).to.equal(0);
  });

  it('records the purge horizon, which never moves back', async () => {
    const horizon = () => shop.database.value<Date>('SELECT purged_before FROM inbox_horizon');
    const before = await horizon();
    expect(Date.now() - before.getTime()).to.be.within(retentionMs, retentionMs + 120_000);
    await shop.database.write('INSERT INTO processed_events (event_id, processed_at) VALUES (?)', [
      [firstUuidAt(new Date(1)), new Date(0)],
    ]);
    expect(await purgeInbox({ database, retentionMs: retentionMs * 2 }, signal)).to.equal(1);
    expect(await horizon()).to.deep.equal(before);
  });

  describe('is understood by the audit, which', () => {
    it('finds nothing in a consistent shop', async () => {
      expect((await audit('full')).breaks).to.deep.equal([]);
      expect((await audit('incremental')).breaks).to.deep.equal([]);
      expect((await audit('full')).eventsInFlight.count).to.equal(0);
    });

    type Shop = { cup: Buffer; old: Buffer; young: Buffer; lateCancellation: Buffer };
    const damages: Record<string, (ids: Shop) => Damaged> = {
      'a recent sale missing from the inbox': ({ young, cup }) => ({
        apply: [['DELETE FROM processed_events WHERE event_id = ?', [young]]],
        breaks: { event_lost: [young], statistics: [cup] },
      }),
      'a late cancellation missing from the inbox': ({ lateCancellation, cup }) => ({
        apply: [['DELETE FROM processed_events WHERE event_id = ?', [lateCancellation]]],
        breaks: { event_lost: [lateCancellation], statistics: [cup] },
      }),
      'an old sale that was never counted': ({ cup }) => ({
        apply: [
          [
            `UPDATE product_sales_hourly SET units = units - 1, revenue = revenue - 10
             WHERE product_id = ? AND sales_hour < NOW() - INTERVAL 50 DAY`,
            [cup],
          ],
        ],
        breaks: { statistics: [cup] },
      }),
      'an old sale that was counted but still waits in the outbox': ({ old, cup }) => ({
        apply: [
          [
            `INSERT INTO outbox (event_id, type, payload, created_at, claimed_until)
             VALUES (?, 't', '{}', NOW(3), NOW(3))`,
            [old],
          ],
        ],
        breaks: { statistics: [cup] },
      }),
      'wrong statistics of recent orders': ({ cup }) => ({
        apply: [
          [
            `UPDATE product_sales_hourly SET units = units + 1
             WHERE product_id = ? AND sales_hour > NOW() - INTERVAL 5 DAY`,
            [cup],
          ],
        ],
        breaks: { statistics: [cup] },
      }),
      'a missing horizon': ({ cup, old }) => ({
        apply: ['DELETE FROM inbox_horizon'],
        breaks: {
          event_lost: [old, ...[cancelledThen, cancelledEventId(cancelledThen), cancelledNow].map(uuidBytes)],
          statistics: [cup],
        },
      }),
    };
    for (const [title, damage] of Object.entries(damages)) {
      it(`finds ${title}`, async () => {
        const ids = {
          cup: uuidBytes(cup),
          old: uuidBytes(old),
          young: uuidBytes(young),
          lateCancellation: uuidBytes(cancelledEventId(cancelledNow)),
        };
        const { apply, breaks } = damage(ids);
        try {
          await corruption.apply(apply);
          expect(breaksOf(await audit('full'))).to.deep.equal(expectedBreaks(breaks));
        } finally {
          await corruption.undo();
        }
        expect((await audit('full')).breaks).to.deep.equal([]);
      });
    }

    it('treats an old sale that still waits in the outbox as not counted', async () => {
      try {
        await corruption.apply([
          [
            `INSERT INTO outbox (event_id, type, payload, created_at, claimed_until)
             VALUES (?, 't', '{}', NOW(3), NOW(3))`,
            [uuidBytes(old)],
          ],
          [
            `UPDATE product_sales_hourly SET units = units - 1, revenue = revenue - 10
             WHERE product_id = ? AND sales_hour < NOW() - INTERVAL 50 DAY`,
            [uuidBytes(cup)],
          ],
        ]);
        expect((await audit('full')).breaks).to.deep.equal([]);
      } finally {
        await corruption.undo();
      }
    });
  });

  describe('and a message older than the horizon', () => {
    const sale = (orderId: string, createdAt: Date) => ({
      orderId,
      userId: newUuid(),
      totalKrw: 10,
      discountKrw: 0,
      createdAt,
      items: [{ productId: cup, quantity: 1, unitPriceKrw: 10 }],
    });
    const longAgo = new Date(Date.now() - OLD_DAYS * DAY_MS);
    const statistics = () => shop.database.read('SELECT * FROM product_sales_hourly ORDER BY 1, 2');
    const count = (...events: Parameters<typeof countEvents>[1]) =>
      countEvents({ database, nowMs: Date.now }, events);

    it('is rejected if it is unknown whether it was counted', async () => {
      const before = await statistics();
      const { counted, refused } = await count(orderCompletedEvent(sale(old, longAgo)));
      expect(counted).to.equal(0);
      expect([...refused].map(([eventId, error]) => [eventId, String(error)])).to.deep.equal([
        [old, 'Error: the event is older than what the inbox remembers'],
      ]);
      expect(await statistics()).to.deep.equal(before);
      expect(await inbox()).not.to.include(old);
    });

    it('is recognised as done if it is a late cancellation', async () => {
      const before = await statistics();
      const { counted, refused } = await count(orderCancelledEvent(sale(cancelledNow, longAgo), new Date()));
      expect([counted, refused.size]).to.deep.equal([0, 0]);
      expect(await statistics()).to.deep.equal(before);
    });

    it('does not prevent others from being counted', async () => {
      const fresh = newUuid();
      const { counted, refused } = await count(
        orderCompletedEvent(sale(old, longAgo)),
        orderCompletedEvent(sale(fresh, new Date())),
      );
      expect(counted).to.equal(1);
      expect(await inbox()).to.include(fresh);
      expect([...refused.keys()]).to.deep.equal([old]);
    });
  });

  it('is purged completely, past the rows that stay', async () => {
    const longAgoMs = Date.now() - OLD_DAYS * DAY_MS;
    const rows = Array.from({ length: 5000 }, (_, number) => {
      const id = firstUuidAt(new Date(longAgoMs + number));
      return [id, new Date(number % 2 === 0 ? longAgoMs : Date.now())];
    });
    await shop.database.write('INSERT INTO processed_events (event_id, processed_at) VALUES ?', [rows]);
    expect(await purgeInbox({ database, retentionMs }, signal)).to.equal(2500);
    expect(await purgeInbox({ database, retentionMs }, signal)).to.equal(0);
    await shop.database.write('UPDATE processed_events SET processed_at = ? WHERE event_id IN (?)', [
      new Date(longAgoMs),
      rows.map(([id]) => id as Buffer),
    ]);
    const stopped = new AbortController();
    stopped.abort();
    expect(await purgeInbox({ database, retentionMs }, stopped.signal)).to.equal(0);
    const platforms = await Promise.all(
      [1, 2].map(() => shop.start(['data-platform'], { env: { INBOX_PURGE_EVERY_MS: '100' } })),
    );
    await until(
      'the rows are gone',
      async () =>
        (await shop.database.value(
          'SELECT COUNT(*) FROM processed_events WHERE processed_at < NOW() - INTERVAL 50 DAY',
        )) === 0,
    );
    // Both purge, and each row is removed by one of them.
    const purged = () =>
      platforms
        .flatMap(({ logs }) => logs.filter(({ event }) => event === 'inbox_purged'))
        .reduce((sum, { rows: gone }) => sum + Number(gone), 0);
    await until('both processes have logged what they removed', () => purged() >= 2500);
    await Promise.all(platforms.map((app) => app.stop()));
    expect(purged()).to.equal(2500);
  });
});
