import { expect } from 'chai';
import { orderRequestHash } from '../../app/orders/order-request-hash.ts';

const items = [
  { productId: '01890a5d-ac96-774b-bcce-b302099a8057', quantity: 2 },
  { productId: '01890a5d-ac96-774b-bcce-b302099a8058', quantity: 1 },
];
const userCouponId = '01890a5d-ac96-774b-bcce-b302099a8059';

describe('orderRequestHash', () => {
  it('never changes for stored orders: a retry stays a retry after an update of the app', () => {
    expect(orderRequestHash({ items }).toString('hex')).to.equal(
      '9e91b7d28a1668fc25df16875563596fe64b4d0a5508e7c30fa0f21c7e9ae550',
    );
    expect(orderRequestHash({ items, expectedTotal: 900 }).toString('hex')).to.equal(
      '9456f47543ab67444b38937e029e03cb191d17577ac8bbf1e3a6834edd156d15',
    );
    expect(orderRequestHash({ items, userCouponId }).toString('hex')).to.equal(
      '73f96cb92daf3d88a2ddca4071ec97336d14e39d4095fc0cf1f938ca135748a6',
    );
    expect(orderRequestHash({}).toString('hex'), 'from the cart').to.equal(
      '806d081547a955bfea471afa20692173d6773a9a8f0d7f6559539570f4647cd8',
    );
  });

  it('depends on each field', () => {
    const requests = [
      { items },
      { items: items.toReversed() },
      { items, expectedTotal: 900 },
      { items, userCouponId },
      { items, expectedTotal: 900, userCouponId },
      {},
      { expectedTotal: 900 },
    ];
    const hashes = requests.map((request) => orderRequestHash(request).toString('hex'));
    expect(new Set(hashes).size).to.equal(requests.length);
  });
});
