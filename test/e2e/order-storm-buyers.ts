/** A process that runs several buyers; driven by order-storm.test.ts. */
import { once } from 'node:events';
import { arriveAt } from '../support/barrier.ts';
import { httpClient } from '../support/shop/http-client.ts';

export interface BuyersJob {
  readonly barrierPort: number;
  readonly urls: readonly string[];
  readonly tokens: readonly string[];
  readonly productIds: readonly string[];
  readonly ordersEach: number;
  readonly seed: number;
}

export interface BuyersOutcome {
  readonly answers: readonly {
    readonly key: string;
    readonly status: number;
    readonly code: string | undefined;
    readonly orderId: string | undefined;
  }[];
}

type Answer = BuyersOutcome['answers'][number];

const [job] = (await once(process, 'message')) as [BuyersJob];
const answers = await run(job);
process.send?.({ answers } satisfies BuyersOutcome);
process.disconnect();

async function run(job: BuyersJob): Promise<Answer[]> {
  await arriveAt(job.barrierPort);
  const answers = await Promise.all(
    job.tokens.map((token, buyer) => buy(job, token, job.seed * 1000 + buyer)),
  );
  return answers.flat();
}

/** Places one order after another, each sent to two processes at once under one key. */
async function buy(job: BuyersJob, token: string, seed: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  const clients = job.urls.map((url) => httpClient(url, token));
  for (let number = 0; number < job.ordersEach; number += 1) {
    const key = `${seed}-${number}`;
    // Each buyer orders every product in turn: one to three units, sometimes two products in either order.
    const first = job.productIds[(seed + number) % job.productIds.length] as string;
    const second = job.productIds[(seed + number + 1) % job.productIds.length] as string;
    const items = [{ productId: first, quantity: 1 + (number % 3) }];
    if (number % 4 === 0) items.push({ productId: second, quantity: 1 });
    const replies = await Promise.all(clients.map((client) => client.postOrder(items, { key })));
    for (const { status, body } of replies) {
      answers.push({ key, status, code: body.code, orderId: status === 200 ? body.id : undefined });
    }
  }
  return answers;
}
