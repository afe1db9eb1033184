import { expect } from 'chai';
import { listHolders } from '../../../app/coupons/user-coupon-sql.ts';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createTestDatabase } from '../../support/servers/database.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';

describe('the holders of a coupon', () => {
  // A counter that is rebuilt in Redis learns of them page by page.
  it('are read page by page, each once, and none of another coupon', async () => {
    const witness = await createTestDatabase();
    const database = openAppDatabase(witness.url);
    onCleanup(() => database.close());
    const [couponId, other] = [await insertCoupon(witness), await insertCoupon(witness)];
    const users = Array.from({ length: 5 }, newUuid);
    const now = new Date();
    await witness.write('INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at) VALUES ?', [
      [...users.map((user) => [couponId, user] as const), [other, newUuid()] as const].map(
        ([coupon, user]) => [uuidBytes(newUuid()), uuidBytes(coupon), uuidBytes(user), 'ISSUED', now],
      ),
    ]);
    const pages: string[][] = [];
    let afterUserId: string | undefined;
    do {
      pages.push(await listHolders(database, { couponId, afterUserId, limit: 2 }));
      afterUserId = pages.at(-1)?.at(-1);
    } while (pages.at(-1)?.length === 2);
    expect(pages.map((page) => page.length)).to.deep.equal([2, 2, 1]);
    expect(pages.flat()).to.deep.equal(users.toSorted());
  });
});
