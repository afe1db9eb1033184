import { expect } from 'chai';
import { demoSaleKeys, type DemoSaleState } from '../../../app/demo-sale/demo-sale.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

describe('a sale to a made-up crowd', () => {
  const shop = useTestShop();
  let admin: AdminClient;
  before(async () => {
    admin = await adminClient(shop, await shop.start(['api'], { env: { DEMO_SALES: 'true' } }));
  });
  beforeEach(() => shop.redis.client.del(...Object.values(demoSaleKeys)));

  const start = (body: object = {}) => admin.post('/admin/demo-sale', body);
  const read = async () => (await admin.get('/admin/demo-sale')).body;
  const write = async (change: Partial<DemoSaleState>) => {
    const { sale } = await read();
    await shop.redis.client.set(demoSaleKeys.state, JSON.stringify({ ...sale, ...change }));
  };

  it('is asked of the process of ./scripts/up, once, and shown as waiting', async () => {
    expect(await read()).to.deep.equal({ isAvailable: true, sale: null });
    const reply = await start({ buyers: 500, units: 20, overS: 3, naive: true });
    expect(reply.status, reply.text).to.equal(202);
    const { id } = reply.body;
    const requests = await shop.redis.client.lrange(demoSaleKeys.requests, 0, -1);
    expect(requests.map((text) => JSON.parse(text))).to.deep.equal([
      { id, buyers: 500, units: 20, overS: 3, naive: true },
    ]);
    expect((await read()).sale).to.include({ id, state: 'waiting', buyers: 500, units: 20, overS: 3 });
  });

  it('is in the trail of admins when it was started and when it was stopped', async () => {
    const { id } = (await start({ buyers: 70, units: 7 })).body;
    await admin.request('DELETE', '/admin/demo-sale');
    const { data } = (await admin.get(`/admin/actions?targetId=${id}`)).body;
    expect(
      data.map(({ action, target, after }: Record<string, unknown>) => [action, target, after]),
    ).to.deep.equal(
      ['demo_sale_stopped', 'demo_sale_started'].map((action) => [
        action,
        { kind: 'demo_sale', id },
        { buyers: 70, units: 7 },
      ]),
    );
  });

  it('neither starts nor stops while its trail cannot be written', async () => {
    const { id } = (await start()).body;
    await write({ state: 'running', updatedAt: new Date().toISOString() });
    await shop.database.write('RENAME TABLE admin_actions TO admin_actions_away');
    const stopped = await admin.request('DELETE', '/admin/demo-sale');
    await shop.redis.client.del(demoSaleKeys.state, demoSaleKeys.requests);
    const started = await start();
    await shop.database.write('RENAME TABLE admin_actions_away TO admin_actions');
    expect([stopped.status, started.status]).to.deep.equal([500, 500]);
    expect(await shop.redis.client.get(demoSaleKeys.stop), id).to.equal(null);
    expect(await shop.redis.client.exists(demoSaleKeys.state, demoSaleKeys.requests)).to.equal(0);
  });

  it('is refused while another is under way, and possible once that is over or silent', async () => {
    await start();
    await write({ state: 'running', updatedAt: new Date().toISOString() });
    expect((await start()).body.code).to.equal('demo_sale_running');
    await write({ updatedAt: new Date(Date.now() - 60_000).toISOString() });
    expect((await start()).status, 'silent for a minute').to.equal(202);
    await write({ state: 'done', updatedAt: new Date().toISOString() });
    expect((await start()).status, 'over').to.equal(202);
    expect(await shop.redis.client.llen(demoSaleKeys.requests)).to.equal(1);
  });

  it('is stopped by its id, and stopping without one changes nothing', async () => {
    expect((await admin.request('DELETE', '/admin/demo-sale')).status).to.equal(204);
    expect(await shop.redis.client.get(demoSaleKeys.stop)).to.equal(null);
    const { id } = (await start()).body;
    expect((await admin.request('DELETE', '/admin/demo-sale')).status).to.equal(204);
    expect(await shop.redis.client.get(demoSaleKeys.stop)).to.equal(id);
  });

  for (const body of [{ buyers: 20_001 }, { units: 0 }, { overS: 61 }, { naive: 1 }, { url: 'https://x' }]) {
    it(`rejects ${JSON.stringify(body)}`, async () => {
      const reply = await start(body);
      expect([reply.status, reply.body.code]).to.deep.equal([400, 'validation_failed']);
      expect(await shop.redis.client.exists(...Object.values(demoSaleKeys))).to.equal(0);
    });
  }

  it('does not exist in a shop without ./scripts/up', async () => {
    const elsewhere = admin.at((await shop.start(['api'])).url);
    expect((await elsewhere.get('/admin/demo-sale')).body).to.deep.equal({ isAvailable: false, sale: null });
    expect((await elsewhere.post('/admin/demo-sale', {})).body.code).to.equal('demo_sale_unavailable');
    const stopped = await elsewhere.request('DELETE', '/admin/demo-sale');
    expect((stopped.body as { code: string }).code).to.equal('demo_sale_unavailable');
  });
});
