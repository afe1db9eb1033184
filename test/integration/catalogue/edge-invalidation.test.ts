import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { onCleanup } from '../../support/cleanup.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const DISTRIBUTION = 'E2QWRUHEXAMPLE';
const EVERY_MS = 300;

interface Invalidation {
  readonly path: string;
  readonly reference: string;
  readonly paths: readonly string[];
  readonly atMs: number;
}

/** The endpoint of CloudFront: nothing else of it is needed. */
async function edgeEndpoint() {
  const taken: Invalidation[] = [];
  const tried: Invalidation[] = [];
  let mode: 'take' | 'refuse' | 'hang' = 'take';
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const all = (tag: string) =>
        [...body.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text = '']) => text);
      const seen = {
        path: `${request.method} ${request.url}`,
        reference: all('CallerReference').join(),
        paths: all('Path'),
        atMs: performance.now(),
      };
      tried.push(seen);
      if (mode === 'hang') return;
      if (mode === 'take') taken.push(seen);
      response.writeHead(mode === 'take' ? 201 : 503, { 'Content-Type': 'text/xml' });
      response.end(
        mode === 'take'
          ? '<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>I1</Id>' +
              '<Status>InProgress</Status></Invalidation>'
          : '<ErrorResponse><Error><Code>ServiceUnavailable</Code></Error></ErrorResponse>',
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    taken,
    tried,
    set: (next: typeof mode) => {
      mode = next;
    },
    env: {
      EDGE_DISTRIBUTION_ID: DISTRIBUTION,
      EDGE_INVALIDATE_EVERY_MS: `${EVERY_MS}`,
      // The SDK's own variable, which goes before AWS_ENDPOINT_URL.
      AWS_ENDPOINT_URL_CLOUDFRONT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
  };
}

describe("CloudFront's copies of the catalogue", () => {
  const shop = useTestShop();
  let edge: Awaited<ReturnType<typeof edgeEndpoint>>;
  beforeEach(async () => {
    edge = await edgeEndpoint();
    await shop.redis.flush();
  });

  const adjust = async (admin: AdminClient, productId: string) => {
    const path = `/admin/products/${productId}/stock-adjustments`;
    const { status } = await admin.post(path, { delta: 1, reason: 'count' }, { key: randomUUID() });
    expect(status).to.be.within(200, 201);
  };

  it('end with an admin’s change, all changes since the last time at once, and only then', async () => {
    const app = await shop.start(['api', 'worker'], { env: edge.env });
    const admin = await adminClient(shop, app);
    const cup = await admin.newProduct({ price: 100, stock: 1000 });
    await until('the new product is announced', () => edge.taken.length === 1);
    expect(edge.taken[0]).to.deep.include({
      path: `POST /2020-05-31/distribution/${DISTRIBUTION}/invalidation`,
      paths: ['/products*'],
    });

    const changes = 20;
    for (let each = 0; each < changes; each += 1) await adjust(admin, cup);
    await until('the changes are announced', () => edge.taken.length > 1);
    const rest = async () => new Promise((resolve) => setTimeout(resolve, 4 * EVERY_MS));
    await rest();
    expect(edge.taken.length).to.be.lessThan(changes / 2);
    expect(new Set(edge.taken.map(({ reference }) => reference)).size).to.equal(edge.taken.length);
    for (const [index, { atMs }] of edge.taken.slice(1).entries())
      expect(atMs - (edge.taken[index]?.atMs ?? 0)).to.be.greaterThan(EVERY_MS * 0.7);

    const before = edge.taken.length;
    const customer = await shop.client(app).newCustomer(10_000);
    expect((await customer.postOrder([{ productId: cup, quantity: 1 }])).status).to.equal(200);
    await customer.get(`/products/${cup}`);
    expect((await admin.get('/admin/products')).status).to.equal(200);
    expect((await admin.post('/admin/products', { name: '' })).status).to.equal(400);
    await rest();
    expect(edge.taken.length).to.equal(before);
    await app.stop();
  });

  it('end later if CloudFront hangs or refuses, which no admin notices', async () => {
    const app = await shop.start(['api', 'worker'], { env: edge.env });
    const admin = await adminClient(shop, app);
    for (const mode of ['hang', 'refuse'] as const) {
      edge.set(mode);
      const [triedBefore, takenBefore] = [edge.tried.length, edge.taken.length];
      const startMs = performance.now();
      await admin.newProduct({ price: 100, stock: 1 });
      expect(performance.now() - startMs).to.be.lessThan(onThisMachine(1000));
      await until('it was tried', () => edge.tried.length > triedBefore);
      if (mode === 'refuse') await app.waitForLog('background_work_failed');
      expect(edge.taken.length).to.equal(takenBefore);
      edge.set('take');
      await until('it was taken', () => edge.taken.length > takenBefore, { timeoutMs: 20_000 });
      expect(edge.taken.at(-1)?.reference).to.equal(edge.tried[triedBefore]?.reference);
    }
    await app.stop();
  });

  it('end when a worker starts that was away during the change', async () => {
    const api = await shop.start(['api']);
    await (await adminClient(shop, api)).newProduct({ price: 100, stock: 1 });
    expect(edge.tried).to.deep.equal([]);
    const worker = await shop.start(['worker'], { env: edge.env });
    await until('it was taken', () => edge.taken.length === 1);
    await Promise.all([api.stop(), worker.stop()]);
  });
});
