import { expect } from 'chai';
import { adminClient } from '../../support/shop/admin-client.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

// A second database stands in for the replica. Its products differ, so that an answer shows where it was
// read.
describe('a read replica', () => {
  const shop = useTestShop();
  let other: TestDatabase;
  let proxy: FaultProxy;

  before(async () => {
    other = await createTestDatabase();
    proxy = await openFaultProxy(other.url);
  });

  it('serves the catalogue, and the writer does while the replica is unavailable', async () => {
    const elsewhere = await shop.start(['api'], { env: { DATABASE_URL: other.url } });
    const there = await adminClient({ ...shop, database: other, client: shop.client }, elsewhere);
    await there.newProduct({ name: 'of the replica' });
    // Nothing replicates here; the app would leave a replica without a heartbeat after 15 s.
    await other.write('INSERT INTO replica_heartbeat VALUES (1, 1000000)');

    const app = await shop.start(['api'], { env: { DATABASE_REPLICA_URL: proxy.through(other.url) } });
    const admin = await adminClient(shop, app);
    const id = await admin.newProduct({ name: 'of the writer', price: 10, stock: 5 });
    const names = async () => {
      const { status, body } = await admin.get('/products');
      return status === 200 ? (body.data as { name: string }[]).map(({ name }) => name) : [status];
    };
    expect(await names()).to.deep.equal(['of the replica']);
    // Orders never read from the replica.
    const customer = await shop.client(app).newCustomer(100);
    expect((await customer.postOrder([{ productId: id, quantity: 1 }])).status).to.equal(200);
    // Carts do not either: an order will be checked against their prices and stock.
    const added = await cartClient(customer).add(id, 2);
    expect(added.status, added.text).to.equal(200);
    const line = { productId: id, name: 'of the writer', unitPrice: 10, stock: 4, availability: 'available' };
    expect((await customer.get('/cart')).body.lines[0]).to.include(line);

    await proxy.refuse();
    for (let look = 0; look < 20; look += 1) expect(await names()).to.deep.equal(['of the writer']);
    // The replica is not queried again for each of these reads.
    expect(app.logs.filter(({ event }) => event === 'replica_skipped')).to.have.length.within(1, 2);

    await proxy.pass();
    await until('the replica serves again', async () => (await names())[0] === 'of the replica');
    await Promise.all([app.stop(), elsewhere.stop()]);
  });
});
