import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openBarrier } from '../barrier.ts';

export interface CrowdJob {
  readonly barrierPort: number;
  /** Servers over which the connections are spread. */
  readonly urls: readonly string[];
  readonly connections: number;
  /** One request per client, as it goes over the wire. */
  readonly requests: readonly string[];
  /** The clients arrive evenly over this time; 0 for all at once. */
  readonly overMs: number;
}

/** The answers so far in one process of the crowd. */
export interface CrowdProgress {
  readonly process: number;
  /** Since this process's start of the crowd. */
  readonly elapsedMs: number;
  /** Definite answers by problem code, or `placed` where the answer is no problem. */
  readonly byCode: Readonly<Record<string, number>>;
}

export interface CrowdOutcome {
  readonly durationMs: number;
  /** Answers in the order of the requests. */
  readonly answers: readonly CrowdAnswer[];
  /** Number of 503 answers and broken connections; each was followed by a retry of the same request. */
  readonly retries: number;
}

export interface CrowdOptions {
  readonly overMs?: number;
  /** Connections of each of the crowd's two processes; default 500. */
  readonly connectionsPerProcess?: number;
  /** Called a few times a second. */
  readonly onProgress?: (progress: CrowdProgress) => void;
  /** Ends the crowd's processes at once; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface CrowdAnswer {
  readonly status: number;
  readonly code: string | undefined;
  /** Id of the created resource, or the id that the problem names. */
  readonly id: string | undefined;
  /** 503 answers and broken connections before the definite answer. */
  readonly tries: number;
  /** From the client's arrival to the definite answer, every retry included. */
  readonly latencyMs: number;
  /** Since the crowd's start. */
  readonly answeredAtMs: number;
}

const PROCESSES = 2;
/** Keeps each process on either side within the 1,024 open files that many systems allow. */
const CONNECTIONS_PER_PROCESS = 500;

/**
 * Sends each request until it has a definite answer. Two processes start at the same moment and share the
 * connections. After a 503 or a broken connection, the same request is sent again.
 */
export async function crowd(
  urls: readonly string[],
  requests: readonly string[],
  { overMs = 0, connectionsPerProcess = CONNECTIONS_PER_PROCESS, onProgress, signal }: CrowdOptions = {},
): Promise<CrowdOutcome> {
  signal?.throwIfAborted();
  const barrier = await openBarrier(PROCESSES);
  const share = Math.ceil(requests.length / PROCESSES);
  try {
    const outcomes = await Promise.all(
      Array.from({ length: PROCESSES }, async (_, index) => {
        const child = fork(fileURLToPath(new URL('./crowd-process.ts', import.meta.url)));
        signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
        child.send({
          barrierPort: barrier.port,
          urls,
          connections: connectionsPerProcess,
          requests: requests.slice(index * share, (index + 1) * share),
          overMs,
        } satisfies CrowdJob);
        // `disconnect` comes after the last message; `exit` may come before it.
        const failed = once(child, 'disconnect').then(() => {
          throw (
            (signal?.reason as Error | undefined) ?? new Error("the crowd's process ended without answers")
          );
        });
        const answered = new Promise<CrowdOutcome>((resolve) => {
          child.on('message', (message: CrowdOutcome | Omit<CrowdProgress, 'process'>) => {
            if ('answers' in message) resolve(message);
            else onProgress?.({ process: index, ...message });
          });
        });
        const outcome = await Promise.race([answered, failed]);
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
