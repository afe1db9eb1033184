/** A process that runs some thousand clients; driven by crowd.ts. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { openHttpConnection, type HttpConnection } from '../../bench/load/http-connection.ts';
import { arriveAt } from '../barrier.ts';
import type { CrowdAnswer, CrowdJob, CrowdOutcome } from './crowd.ts';

/** Much shorter than `Retry-After` asks for: these clients are deliberately impolite. */
const RETRY_DELAY_MAX_MS = 300;
const RETRIES_MAX = 200;
const PROGRESS_EVERY_MS = 200;

const [job] = (await once(process, 'message')) as [CrowdJob];
process.send?.(await run(job), () => process.disconnect());

async function run(job: CrowdJob): Promise<CrowdOutcome> {
  const lines = await Promise.all(
    Array.from({ length: job.connections }, (_, index) => openLine(job.urls, index)),
  );
  const answers: CrowdAnswer[] = [];
  const byCode: Record<string, number> = {};
  const waiting = job.requests.entries();
  let retries = 0;
  await arriveAt(job.barrierPort, 60_000);
  const startMs = performance.now();
  const reporting = setInterval(
    () => process.send?.({ byCode, elapsedMs: performance.now() - startMs }),
    PROGRESS_EVERY_MS,
  );
  // A connection serves one client after another, until each has a definite answer.
  await Promise.all(
    lines.map(async (line) => {
      for (const [index, request] of waiting) {
        const arrivalMs = startMs + (job.overMs * index) / job.requests.length;
        const earlyMs = arrivalMs - performance.now();
        if (earlyMs > 0) await delay(earlyMs);
        const answer = await untilDefinite(line, request);
        const nowMs = performance.now();
        answers[index] = { ...answer, latencyMs: nowMs - arrivalMs, answeredAtMs: nowMs - startMs };
        retries += answer.tries;
        const code = answer.code ?? 'placed';
        byCode[code] = (byCode[code] ?? 0) + 1;
      }
      line.close();
    }),
  );
  clearInterval(reporting);
  return { durationMs: performance.now() - startMs, answers, retries };
}

type Line = Awaited<ReturnType<typeof openLine>>;
type DefiniteAnswer = Omit<CrowdAnswer, 'tries' | 'latencyMs' | 'answeredAtMs'>;

async function untilDefinite(line: Line, request: string): Promise<DefiniteAnswer & { tries: number }> {
  for (let tries = 0; tries <= RETRIES_MAX; tries += 1) {
    const answer = await line.ask(request);
    if (answer !== undefined && answer.status !== 503) return { ...answer, tries };
    await delay(Math.random() * RETRY_DELAY_MAX_MS);
  }
  throw new Error(`no definite answer after ${RETRIES_MAX} tries`);
}

/** A connection with one request at a time; when it breaks, it is reopened to the next server. */
async function openLine(urls: readonly string[], first: number) {
  let at = first;
  let settle: (answer: DefiniteAnswer | undefined) => void = () => undefined;
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
    ask: async (request: string): Promise<DefiniteAnswer | undefined> => {
      try {
        connection ??= await open();
      } catch {
        at += 1;
        return undefined;
      }
      const { promise, resolve } = Promise.withResolvers<DefiniteAnswer | undefined>();
      settle = resolve;
      connection.send(request);
      return promise;
    },
    close: () => connection?.close(),
  };
}

function answerOf(status: number, bytes: Buffer): DefiniteAnswer {
  const body = JSON.parse(bytes.toString('utf8').split('\r\n\r\n', 2)[1] ?? '{}');
  return { status, code: body.code, id: body.id ?? body.userCouponId };
}
