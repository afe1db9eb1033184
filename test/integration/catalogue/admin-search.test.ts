import { expect } from 'chai';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

describe('the search of admins', () => {
  const shop = useTestShop();
  let admin: AdminClient;

  before(async () => {
    admin = await adminClient(shop, await shop.start(['api']));
  });

  it('finds products by the words of their name, on sale or not, newest first, page by page', async () => {
    const ids: string[] = [];
    for (const name of ['Blue tea cup', 'Tea pot', 'Blue TEA-CUP, large', 'Steak', 'Teacup in blue'])
      ids.push(await admin.newProduct({ name }));
    const offSale = {
      name: 'Blue tea cup',
      description: '',
      price: 100,
      status: 'INACTIVE',
      purchaseLimit: null,
    };
    const hidden = await admin.request('PUT', `/admin/products/${ids[0]}`, {
      body: offSale,
      headers: { 'If-Match': '"v1"' },
    });
    expect(hidden.status).to.equal(200);
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { data: { id: string }[]; nextCursor: string | null } = (
        await admin.get(`/admin/products?q=TEA+Cup+blue&limit=1${cursor && `&cursor=${cursor}`}`)
      ).body;
      found.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(found).to.deep.equal([ids[4], ids[2], ids[0]]);
    const listed = (await admin.get('/products?q=tea+cup+blue')).body.data.map(
      ({ id }: { id: string }) => id,
    );
    expect(listed).to.deep.equal([ids[4], ids[2]]);
  });

  it('lists everything for a blank text, and nothing for one without letters', async () => {
    expect((await admin.get('/admin/products?q=%20')).body.data).to.have.length.greaterThan(3);
    expect((await admin.get('/admin/products?q=%21%3F')).body).to.deep.equal({ data: [], nextCursor: null });
  });
});
