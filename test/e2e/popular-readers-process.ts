/** A process that runs some hundred readers of the popular list; driven by popular-readers.ts. */
import { once } from 'node:events';
import { openHttpConnection } from '../bench/load/http-connection.ts';
import { arriveAt } from '../support/barrier.ts';
import type { ReadersJob, ReadersOutcome } from './popular-readers.ts';

const REQUEST = 'GET /products/popular HTTP/1.1\r\nHost: shop\r\n\r\n';

const [job] = (await once(process, 'message')) as [ReadersJob];
process.send?.(await run(job), () => process.disconnect());

async function run({ barrierPort, urls, connections, oldGeneratedAt }: ReadersJob): Promise<ReadersOutcome> {
  const statuses: Record<number, number> = {};
  const generations: Record<string, number> = {};
  let slowestMs = 0;

  /** Opens a connection that repeats its request until it receives a list other than the old one. */
  const openReader = async (index: number) => {
    const { hostname, port } = new URL(urls[index % urls.length] as string);
    const done = Promise.withResolvers<void>();
    let sentAtMs = 0;
    const connection = await openHttpConnection({
      host: hostname,
      port: Number(port),
      onAnswer: (status, bytes) => {
        slowestMs = Math.max(slowestMs, performance.now() - sentAtMs);
        statuses[status] = (statuses[status] ?? 0) + 1;
        const { generatedAt } = JSON.parse(bytes.toString('utf8').split('\r\n\r\n', 2)[1] ?? '{}');
        generations[generatedAt] = (generations[generatedAt] ?? 0) + 1;
        if (status !== 200 || generatedAt === oldGeneratedAt) return ask();
        connection.close();
        done.resolve();
      },
      onEnd: (reason) => done.reject(new Error(reason)),
    });
    const ask = () => {
      sentAtMs = performance.now();
      connection.send(REQUEST);
    };
    return { ask, done: done.promise };
  };
  const readers = await Promise.all(Array.from({ length: connections }, (_, index) => openReader(index)));
  await arriveAt(barrierPort, 30_000);
  for (const { ask } of readers) ask();
  process.send?.('asked');
  await Promise.all(readers.map(({ done }) => done));
  return { statuses, generations, slowestMs };
}
