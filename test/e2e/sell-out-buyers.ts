/** Some thousand buyers in a process of their own, driven by sell-out.test.ts. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { openHttpConnection, type HttpConnection } from '../bench/load/http-connection.ts';
import { arriveAt } from '../support/barrier.ts';

export interface BuyersJob {
  readonly barrierPort: number;
  /** The connections are spread over them. */
  readonly urls: readonly string[];
  readonly connections: number;
  readonly productId: string;
  readonly buyers: readonly Buyer[];
}

export interface Buyer {
  readonly token: string;
  readonly key: string;
}

export interface BuyersOutcome {
  readonly durationMs: number;
  /** In the order of the buyers. */
  readonly answers: readonly BuyerAnswer[];
  /** Answers 503 and connections that broke; each was followed by the same request again. */
  readonly retries: number;
}

export interface BuyerAnswer {
  readonly status: number;
  readonly code: string | undefined;
  readonly orderId: string | undefined;
}

/** Much sooner than `Retry-After` asks for: the crowd is not to be a polite one. */
const RETRY_DELAY_MAX_MS = 300;
const RETRIES_MAX = 200;

const [job] = (await once(process, 'message')) as [BuyersJob];
process.send?.(await run(job), () => process.disconnect());

async function run(job: BuyersJob): Promise<BuyersOutcome> {
  const lines = await Promise.all(
    Array.from({ length: job.connections }, (_, index) =>
      openLine(job.urls[index % job.urls.length] as string),
    ),
  );
  const answers: BuyerAnswer[] = [];
  const waiting = [...job.buyers.entries()];
  let retries = 0;
  await arriveAt(job.barrierPort, 60_000);
  const startMs = performance.now();
  // A connection serves one buyer after the other, until each has a definite answer.
  await Promise.all(
    lines.map(async (line) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, buyer] = next;
        for (let tries = 0; ; tries += 1) {
          const answer = await line.ask(requestOf(job, buyer));
          if (answer !== undefined && answer.status !== 503) {
            answers[index] = answer;
            break;
          }
          if (tries === RETRIES_MAX) throw new Error(`no definite answer after ${tries} tries`);
          retries += 1;
          await delay(Math.random() * RETRY_DELAY_MAX_MS);
        }
      }
      line.close();
    }),
  );
  return { durationMs: performance.now() - startMs, answers, retries };
}

function requestOf({ productId }: BuyersJob, { token, key }: Buyer): string {
  const body = `{"items":[{"productId":"${productId}","quantity":1}]}`;
  return (
    `POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${token}\r\nIdempotency-Key: ${key}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** A connection on which one request is asked at a time; opened again when it breaks. */
async function openLine(url: string) {
  const { hostname, port } = new URL(url);
  let settle: (answer: BuyerAnswer | undefined) => void = () => undefined;
  const open = () =>
    openHttpConnection({
      host: hostname,
      port: Number(port),
      onAnswer: (status, bytes) => settle(answerOf(status, bytes)),
      onEnd: () => {
        connection = undefined;
        settle(undefined);
      },
    });
  let connection: HttpConnection | undefined = await open();
  return {
    /** Undefined when the connection broke: nobody knows what became of the request. */
    ask: async (request: string): Promise<BuyerAnswer | undefined> => {
      connection ??= await open();
      const { promise, resolve } = Promise.withResolvers<BuyerAnswer | undefined>();
      settle = resolve;
      connection.send(request);
      return promise;
    },
    close: () => connection?.close(),
  };
}

function answerOf(status: number, bytes: Buffer): BuyerAnswer {
  const body = JSON.parse(bytes.toString('utf8').split('\r\n\r\n', 2)[1] ?? '{}');
  return { status, code: body.code, orderId: status === 200 ? body.id : undefined };
}
