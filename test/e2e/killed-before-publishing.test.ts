import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import { openFaultProxy } from '../support/servers/fault-proxy.ts';
import type { Verdict } from '../support/servers/proxy-links.ts';
import { eventFaults, ledgerFaults, statisticsFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

describe('a process killed between commit and publish', () => {
  const shop = useTestShop({ events: 'sqs' });
  before('messages handed to a consumer that has just stopped come back at once', () =>
    shop.aws.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: shop.aws.queueUrl, Attributes: { VisibilityTimeout: '1' } }),
    ),
  );

  /** Environment of an app whose events meet `verdict` on their way to the queue; everything else passes. */
  const throughProxy = async (verdict: () => Verdict) => {
    const proxy = await openFaultProxy(shop.aws.endpointUrl);
    let count = 0;
    proxy.watchClient((bytes) => {
      if (!bytes.includes('rowlock.order.completed')) return 'forward';
      count += 1;
      return verdict();
    });
    const env = {
      AWS_ENDPOINT_URL: proxy.through(shop.aws.endpointUrl),
      ORDER_EVENTS_QUEUE_URL: proxy.through(shop.aws.queueUrl),
    };
    return { env, sends: () => count };
  };

  const unitsCounted = async (productId: string) =>
    await shop.database.value(
      'SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?',
      [uuidBytes(productId)],
    );

  it('loses no event: it is published later and counted once', async () => {
    // The API's message is lost on its way to the queue, as if the kill had come a moment earlier.
    const { env } = await throughProxy(() => 'freeze');
    const api = await shop.start(['api'], { env: { ...env, RELAY_GRACE_MS: '500' } });
    const admin = await adminClient(shop, api);
    const cup = await admin.newProduct({ price: 100, stock: 5 });
    const customer = await shop.client(api).newCustomer(1000);
    const { status, body } = await customer.postOrder([{ productId: cup, quantity: 2 }]);
    expect(status).to.equal(200);
    await api.kill();
    expect(
      await shop.database.value('SELECT COUNT(*) FROM outbox WHERE event_id = ?', [uuidBytes(body.id)]),
    ).to.equal(1);
    expect(await shop.aws.messageCount()).to.equal(0);

    const rest = await shop.start(['worker', 'data-platform']);
    await until('the event in the statistics', async () => (await unitsCounted(cup)) > 0);
    await until(
      'an empty outbox',
      async () => (await shop.database.value('SELECT COUNT(*) FROM outbox')) === 0,
    );
    await until('an empty queue', async () => (await shop.aws.messageCount()) === 0);
    expect(await unitsCounted(cup)).to.equal(2);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
    expect(await eventFaults(shop.database)).to.deep.equal([]);
    await rest.stop();
  });

  it('causes a second send if the queue already has the event, which still counts once', async () => {
    // The queue accepts the event. Its answer never reaches the API, which is killed while it waits.
    const { env, sends } = await throughProxy(() => 'forward-then-freeze');
    const api = await shop.start(['api'], { env: { ...env, RELAY_GRACE_MS: '500' } });
    const admin = await adminClient(shop, api);
    const cup = await admin.newProduct({ price: 100, stock: 5 });
    const customer = await shop.client(api).newCustomer(1000);
    await customer.postOrder([{ productId: cup, quantity: 3 }]);
    await until('the event in the queue', async () => (await shop.aws.messageCount()) === 1);
    await api.kill();
    expect(sends()).to.equal(1);
    expect(await shop.database.value('SELECT COUNT(*) FROM outbox')).to.equal(1);

    const second = await shop.start(['worker']);
    await until(
      'an empty outbox',
      async () => (await shop.database.value('SELECT COUNT(*) FROM outbox')) === 0,
    );
    expect(await shop.aws.messageCount(), 'the event was sent a second time').to.equal(2);
    const dataPlatform = await shop.start(['data-platform']);
    await until('an empty queue', async () => (await shop.aws.messageCount()) === 0);
    expect(await unitsCounted(cup)).to.equal(3);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
    expect(await eventFaults(shop.database)).to.deep.equal([]);
    await Promise.all([second, dataPlatform].map((app) => app.stop()));
  });
});
