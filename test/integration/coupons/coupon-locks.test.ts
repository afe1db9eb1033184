import { expect } from 'chai';
import { lockUserCoupons } from '../../../app/coupons/user-coupon-sql.ts';
import { newUuid, uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createTestDatabase } from '../../support/servers/database.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { giveCoupon } from '../../support/shop/user-coupons.ts';

describe('the locks of an order with coupons', () => {
  it("are those of the orders' coupons, and of no other user's", async () => {
    const witness = await createTestDatabase();
    const database = openAppDatabase(witness.url);
    onCleanup(() => database.close());
    const [used, other] = [await giveCoupon(witness, newUuid()), await giveCoupon(witness, newUuid())];
    const couponId = uuidText(
      await witness.value<Buffer>('SELECT coupon_id FROM user_coupons WHERE id = ?', [uuidBytes(used)]),
    );
    const isFree = (id: string) =>
      witness
        .read('SELECT id FROM user_coupons FORCE INDEX (PRIMARY) WHERE id = ? FOR UPDATE NOWAIT', [
          uuidBytes(id),
        ])
        .then(
          () => true,
          () => false,
        );
    await database.withTransaction({ name: 'test', rerunnable: false }, async (tx) => {
      const locked = await lockUserCoupons(tx, new Map([[used, couponId]]));
      expect([...locked.keys()]).to.deep.equal([used]);
      expect([await isFree(used), await isFree(other)]).to.deep.equal([false, true]);
    });
  });
});
