import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openBarrier } from '../support/barrier.ts';

export interface CrowdJob {
  readonly barrierPort: number;
  /** The connections are spread over them. */
  readonly urls: readonly string[];
  readonly connections: number;
  /** One a client, as it goes over the wire. */
  readonly requests: readonly string[];
}

export interface CrowdOutcome {
  readonly durationMs: number;
  /** In the order of the requests. */
  readonly answers: readonly CrowdAnswer[];
  /** Answers 503 and connections that broke; each was followed by the same request again. */
  readonly retries: number;
}

export interface CrowdAnswer {
  readonly status: number;
  readonly code: string | undefined;
  /** Of what was made, or of what the problem names. */
  readonly id: string | undefined;
}

const PROCESSES = 2;
/** Each process on either side stays within the 1,024 open files that many systems allow. */
const CONNECTIONS_A_PROCESS = 500;

/**
 * Sends each request until it has a definite answer, from several processes that are let go at the same
 * moment, with a thousand connections in all. A 503 and a broken connection are followed by the same request
 * again.
 */
export async function crowd(urls: readonly string[], requests: readonly string[]): Promise<CrowdOutcome> {
  const barrier = await openBarrier(PROCESSES);
  const share = Math.ceil(requests.length / PROCESSES);
  try {
    const outcomes = await Promise.all(
      Array.from({ length: PROCESSES }, async (_, index) => {
        const child = fork(fileURLToPath(new URL('./crowd-process.ts', import.meta.url)));
        child.send({
          barrierPort: barrier.port,
          urls,
          connections: CONNECTIONS_A_PROCESS,
          requests: requests.slice(index * share, (index + 1) * share),
        } satisfies CrowdJob);
        // After the last message, unlike the exit.
        const failed = once(child, 'disconnect').then(() => {
          throw new Error("the crowd's process ended without its answers");
        });
        const [outcome] = (await Promise.race([once(child, 'message'), failed])) as [CrowdOutcome];
        failed.catch(() => undefined);
        return outcome;
      }),
    );
    return {
      durationMs: Math.max(...outcomes.map(({ durationMs }) => durationMs)),
      answers: outcomes.flatMap(({ answers }) => answers),
      retries: outcomes.reduce((sum, { retries }) => sum + retries, 0),
    };
  } finally {
    barrier.close();
  }
}

export interface CrowdRequest {
  readonly path: string;
  readonly token: string;
  readonly key?: string;
  readonly body?: object;
}

/** A POST as it goes over the wire. */
export function crowdRequest({ path, token, key, body }: CrowdRequest): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = [
    `POST ${path} HTTP/1.1`,
    'Host: shop',
    `Authorization: Bearer ${token}`,
    ...(key === undefined ? [] : [`Idempotency-Key: ${key}`]),
    ...(body === undefined ? [] : ['Content-Type: application/json']),
    `Content-Length: ${text.length}`,
  ];
  return `${headers.join('\r\n')}\r\n\r\n${text}`;
}
