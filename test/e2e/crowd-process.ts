/** A process that runs some thousand clients; driven by crowd.ts. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { openHttpConnection, type HttpConnection } from '../bench/load/http-connection.ts';
import { arriveAt } from '../support/barrier.ts';
import type { CrowdAnswer, CrowdJob, CrowdOutcome } from './crowd.ts';

/** Much shorter than `Retry-After` asks for: these clients are deliberately impolite. */
const RETRY_DELAY_MAX_MS = 300;
const RETRIES_MAX = 200;

const [job] = (await once(process, 'message')) as [CrowdJob];
process.send?.(await run(job), () => process.disconnect());

async function run(job: CrowdJob): Promise<CrowdOutcome> {
  const lines = await Promise.all(
    Array.from({ length: job.connections }, (_, index) => openLine(job.urls, index)),
  );
  const answers: CrowdAnswer[] = [];
  const waiting = [...job.requests.entries()];
  let retries = 0;
  await arriveAt(job.barrierPort, 60_000);
  const startMs = performance.now();
  // A connection serves one client after another, until each has a definite answer.
  await Promise.all(
    lines.map(async (line) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, request] = next;
        for (let tries = 0; ; tries += 1) {
          const answer = await line.ask(request);
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

/** A connection with one request at a time; when it breaks, it is reopened to the next server. */
async function openLine(urls: readonly string[], first: number) {
  let at = first;
  let settle: (answer: CrowdAnswer | undefined) => void = () => undefined;
  const open = () => {
    const { hostname, port } = new URL(urls[at % urls.length] as string);
    return openHttpConnection({
      host: hostname,
      port: Number(port),
      onAnswer: (status, bytes) => settle(answerOf(status, bytes)),
      onEnd: () => {
        connection = undefined;
        at += 1;
        settle(undefined);
      },
    });
  };
  let connection: HttpConnection | undefined = await open();
  return {
    /** Undefined when the connection cannot be opened, or broke and left the request's outcome unknown. */
    ask: async (request: string): Promise<CrowdAnswer | undefined> => {
      try {
        connection ??= await open();
      } catch {
        at += 1;
        return undefined;
      }
      const { promise, resolve } = Promise.withResolvers<CrowdAnswer | undefined>();
      settle = resolve;
      connection.send(request);
      return promise;
    },
    close: () => connection?.close(),
  };
}

function answerOf(status: number, bytes: Buffer): CrowdAnswer {
  const body = JSON.parse(bytes.toString('utf8').split('\r\n\r\n', 2)[1] ?? '{}');
  return { status, code: body.code, id: body.id ?? body.userCouponId };
}
