import { newUuid, uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import { adminClient } from './admin-client.ts';
import { freePort } from '../../../localstack/processes/free-port.ts';
import type { TestShop } from './test-shop.ts';
import { until } from '../until.ts';

/** Ids of products and orders, as stored in the database. */
export interface AuditedShop {
  readonly cup: Buffer;
  readonly pen: Buffer;
  /** Never sold. */
  readonly lamp: Buffer;
  readonly ann: Buffer;
  readonly ben: Buffer;
  /** Ben's order: two cups and a pen, completed and counted. */
  readonly order: Buffer;
  /**
   * Ann's order: three cups and two pens, cancelled and counted. Its refund and restocks are the last changes
   * of their chains.
   */
  readonly cancelled: Buffer;
  /** A coupon of 100 won with a quantity of two: Ann has one, and Ben has used the other. */
  readonly coupon: Buffer;
  readonly benCoupon: Buffer;
  readonly annCoupon: Buffer;
  /** Ben's last order: a cup with Ben's coupon. */
  readonly discounted: Buffer;
  /** Ben's first order: its event is in the outbox and has never been sent. */
  readonly unsent: Buffer;
}

/** A shop with some of everything, in which everything adds up; none of its processes is left running. */
export async function makeAuditedShop(shop: TestShop): Promise<AuditedShop> {
  const app = await shop.start(['api', 'worker', 'data-platform']);
  const admin = await adminClient(shop, app);
  const cup = await admin.newProduct({ name: 'cup', price: 300, stock: 100 });
  const pen = await admin.newProduct({ name: 'pen', price: 40, stock: 50 });
  const lamp = await admin.newProduct({ name: 'lamp', price: 900, stock: 5 });
  const ann = await shop.client(app).newCustomer(10_000);
  const ben = await shop.client(app).newCustomer(5000);

  // This process has no queue: its order's event stays in the outbox, with a grace period that keeps the
  // relay off.
  const deaf = await shop.start(['api'], {
    env: { ORDER_EVENTS_QUEUE_URL: `http://127.0.0.1:${await freePort()}/q`, RELAY_GRACE_MS: '60000' },
  });
  const one = [{ productId: cup, quantity: 1 }];
  const unsent = await ben.at(deaf.url).postOrder(one);
  await deaf.kill();

  const both = (cups: number, pens: number) => [
    { productId: cup, quantity: cups },
    { productId: pen, quantity: pens },
  ];
  const placed = [await ann.postOrder(one), await ben.postOrder(both(2, 1)), await ann.postOrder(both(3, 2))];
  await admin.post(`/admin/products/${cup}/stock-adjustments`, { delta: -4, reason: 'broken' });
  await ann.charge(500);
  const coupons = await issueCoupons(shop, [ben.userId, ann.userId]);
  const [benCoupon, annCoupon] = coupons.inHands;
  const discounted = await ben.request('POST', '/orders', {
    body: { items: one, userCouponId: uuidText(benCoupon as Buffer) },
    key: 'with-coupon',
  });
  placed.push(discounted, await ann.postOrder(one));
  for (const { status, text } of [unsent, ...placed]) {
    if (status !== 200) throw new Error(`no order: ${text}`);
  }
  const [, order, cancelled] = placed;
  const reply = await ann.post(`/orders/${cancelled?.body.id}/cancel`, undefined, { key: 'changed-my-mind' });
  if (reply.status !== 200) throw new Error(`not cancelled: ${reply.text}`);
  await until(
    'every event but one counted',
    async () => (await shop.database.value('SELECT COUNT(*) FROM processed_events')) === placed.length + 1,
  );
  await until(
    'an outbox with one event',
    async () => (await shop.database.value('SELECT COUNT(*) FROM outbox')) === 1,
  );
  await app.stop();
  return {
    cup: uuidBytes(cup),
    pen: uuidBytes(pen),
    lamp: uuidBytes(lamp),
    ann: uuidBytes(ann.userId),
    ben: uuidBytes(ben.userId),
    order: uuidBytes(order?.body.id),
    cancelled: uuidBytes(cancelled?.body.id),
    coupon: coupons.id,
    benCoupon: benCoupon as Buffer,
    annCoupon: annCoupon as Buffer,
    discounted: uuidBytes(discounted.body.id),
    unsent: uuidBytes(unsent.body.id),
  };
}

async function issueCoupons(
  shop: TestShop,
  userIds: readonly string[],
): Promise<{ id: Buffer; inHands: Buffer[] }> {
  const id = uuidBytes(newUuid());
  await shop.database.write(
    `INSERT INTO coupons (id, name, kind, amount, quantity, issued_count, valid_from, valid_until, created_at)
     VALUES (?, 'spring', 'FIXED', 100, 2, ?, NOW(3) - INTERVAL 1 DAY, NOW(3) + INTERVAL 1 DAY, NOW(3))`,
    [id, userIds.length],
  );
  const inHands = userIds.map(() => uuidBytes(newUuid()));
  await shop.database.write('INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at) VALUES ?', [
    inHands.map((hand, index) => [hand, id, uuidBytes(userIds[index] as string), 'ISSUED', new Date()]),
  ]);
  return { id, inHands };
}
