import { expect } from 'chai';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly delta: number;
  readonly stockAfter: number;
  readonly orderId: string | null;
  readonly by: { readonly role: string; readonly id: string; readonly email: string } | null;
  readonly reason: string | null;
}

describe("a product's stock ledger", () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  const ledger = async (productId: string, query = '') =>
    (await admin.get(`/admin/products/${productId}/stock-entries${query}`)).body as {
      data: Entry[];
      nextCursor: string | null;
    };

  it('is one chain of opening, sales, adjustments and restocks, with who made each', async () => {
    const productId = await admin.newProduct({ stock: 10 });
    const customer = await shop.client(app).newCustomer(10_000);
    const buy = async (quantity: number) =>
      (await customer.postOrder([{ productId, quantity }])).body.id as string;
    const first = await buy(3);
    await admin.post(`/admin/products/${productId}/stock-adjustments`, { delta: 5, reason: 'delivery' });
    const second = await buy(2);
    await customer.request('POST', `/orders/${first}/cancel`, { key: 'mine' });
    await admin.post(`/admin/orders/${second}/cancel`, { reason: 'broken' }, { key: 'theirs' });

    const { data } = await ledger(productId);
    const shown = data.map(({ seq, kind, delta, stockAfter, orderId, by, reason }) => [
      seq,
      kind,
      delta,
      stockAfter,
      orderId,
      by?.role,
      by?.id,
      reason,
    ]);
    expect(shown).to.deep.equal([
      [6, 'RESTOCK', 2, 15, second, 'admin', admin.userId, 'broken'],
      [5, 'RESTOCK', 3, 13, first, 'customer', customer.userId, null],
      [4, 'SALE', -2, 10, second, 'customer', customer.userId, null],
      [3, 'ADJUSTMENT', 5, 12, null, 'admin', admin.userId, 'delivery'],
      [2, 'SALE', -3, 7, first, 'customer', customer.userId, null],
      [1, 'OPENING', 10, 10, null, 'admin', admin.userId, null],
    ]);
    expect(data.every(({ by }) => by?.email.includes('@'))).to.equal(true);
  });

  it('pages without a gap or a repetition while orders arrive', async () => {
    const productId = await admin.newProduct({ stock: 100 });
    const customer = await shop.client(app).newCustomer(100_000);
    for (let order = 0; order < 7; order += 1) await customer.postOrder([{ productId, quantity: 1 }]);
    const entries: Entry[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await ledger(productId, `?limit=3${cursor && `&cursor=${cursor}`}`);
      entries.push(...page.data);
      cursor = page.nextCursor;
      await customer.postOrder([{ productId, quantity: 1 }]);
    }
    expect(entries.map(({ seq }) => seq)).to.deep.equal([8, 7, 6, 5, 4, 3, 2, 1]);
    for (const [index, { stockAfter, delta }] of entries.slice(0, -1).entries())
      expect(stockAfter - delta).to.equal(entries[index + 1]?.stockAfter);
  });

  it('says that a product does not exist', async () => {
    const reply = await admin.get('/admin/products/0199aaaa-0000-7000-8000-000000000000/stock-entries');
    expect([reply.status, reply.body.code]).to.deep.equal([404, 'product_not_found']);
  });
});
