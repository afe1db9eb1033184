import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { orderEventsQueue } from '../../app/contract/order-events-queue.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import { statisticsFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

describe('an event that no consumer could process', () => {
  const shop = useTestShop({ events: 'sqs' });

  const arnOf = async (QueueUrl: string) => {
    const { Attributes } = await shop.aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    return Attributes?.QueueArn;
  };
  /** Receives the event without deleting it, like a consumer that crashes while processing it. */
  const receiveInVain = async (): Promise<number> => {
    const { Messages = [] } = await shop.aws.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: shop.aws.queueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 1 }),
    );
    for (const { ReceiptHandle } of Messages)
      await shop.aws.sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: shop.aws.queueUrl,
          ReceiptHandle,
          VisibilityTimeout: 0,
        }),
      );
    return Messages.length;
  };

  it('is dead-lettered after five receives, returns by redrive and is counted once', async function () {
    const api = await shop.start(['api']);
    const admin = await adminClient(shop, api);
    const cup = await admin.newProduct({ price: 100, stock: 10 });
    const customer = await shop.client(api).newCustomer(1000);
    expect((await customer.postOrder([{ productId: cup, quantity: 3 }])).status).to.equal(200);

    let receives = 0;
    await until(
      'it is in the dead-letter queue',
      async () => {
        receives += await receiveInVain();
        return (await shop.aws.messageCount(shop.aws.deadLetterQueueUrl)) === 1;
      },
      { timeoutMs: 30_000 },
    );
    expect(receives).to.equal(orderEventsQueue.receiveCountMax);
    expect(await shop.aws.messageCount()).to.equal(0);

    const units = () =>
      shop.database.value('SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?', [
        uuidBytes(cup),
      ]);
    await shop.start(['data-platform']);
    expect(await units()).to.equal(0);
    const SourceArn = await arnOf(shop.aws.deadLetterQueueUrl);
    await shop.aws.sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    await until('the event is counted', async () => (await units()) === 3, { timeoutMs: 20_000 });
    await until('the redrive task has ended', async () => {
      const { Results = [] } = await shop.aws.sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
      return Results[0]?.Status === 'COMPLETED';
    });
    expect(await shop.aws.messageCount(shop.aws.deadLetterQueueUrl)).to.equal(0);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
  });
});
