import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onCleanup } from '../../support/cleanup.ts';

/** Faults of S3 or SQS; they can be combined. */
export interface AwsTrouble {
  /** `away`: connections break. `error`: each request is answered with 503. */
  readonly outage?: 'away' | 'error';
  /** Extra time per request. */
  readonly delayMs?: number;
  /** SQS: share of the batches that are accepted twice, so that each message arrives twice. */
  readonly duplicates?: number;
  /** SQS: share of the batches that are accepted and answered by a broken connection. */
  readonly lostAnswers?: number;
  /** SQS: share of the deletions that are acknowledged but not executed: the messages arrive again. */
  readonly lostDeletions?: number;
  /** SQS: maximum delay of a batch. Each batch gets its own delay, and messages arrive out of order. */
  readonly disorderMs?: number;
}

export type AwsService = 'sqs' | 's3';

export interface AwsFront {
  readonly url: string;
  retarget(url: string): void;
  /** Applies from now on; `undefined` ends it. */
  trouble(service: AwsService, what: AwsTrouble | undefined): void;
}

const UPSTREAM_TIMEOUT_MS = 25_000;

/**
 * A proxy in front of the S3 and SQS server that does what these services do on a bad day. Messages that
 * arrive twice, late or out of order are no fault of SQS but its contract.
 */
export async function openAwsFront(targetUrl: string, random: () => number): Promise<AwsFront> {
  let target = new URL(targetUrl);
  const troubles: Record<AwsService, AwsTrouble> = { sqs: {}, s3: {} };
  const agent = new Agent({ keepAlive: true });

  const forward = async (request: IncomingMessage, body: Buffer): Promise<UpstreamAnswer> => {
    const upstream = send({
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: request.url,
      headers: { ...request.headers, 'content-length': body.length },
      agent,
      timeout: UPSTREAM_TIMEOUT_MS,
    });
    upstream.on('timeout', () => upstream.destroy(new Error('the server does not answer')));
    // When a client disconnects, its long poll ends too.
    const gone = () => upstream.destroy(new Error('the client has gone'));
    request.socket.once('close', gone);
    try {
      upstream.end(body);
      const [response] = (await once(upstream, 'response')) as [IncomingMessage];
      return {
        status: response.statusCode ?? 502,
        headers: response.headers,
        body: await buffer(response),
      };
    } finally {
      request.socket.off('close', gone);
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const call = String(request.headers['x-amz-target'] ?? '');
    const trouble = troubles[call.startsWith('AmazonSQS.') ? 'sqs' : 's3'];
    if (trouble.outage === 'away') {
      request.socket.resetAndDestroy();
      return;
    }
    if (trouble.outage === 'error') {
      answer(response, { status: 503, headers: {}, body: Buffer.from('{"__type":"ServiceUnavailable"}') });
      return;
    }
    const isSend = call.endsWith('.SendMessageBatch') || call.endsWith('.SendMessage');
    await pauseMs((trouble.delayMs ?? 0) + (isSend ? random() * (trouble.disorderMs ?? 0) : 0));
    if (call.endsWith('.DeleteMessageBatch') && random() < (trouble.lostDeletions ?? 0)) {
      answer(response, { status: 200, headers: JSON_CONTENT, body: acknowledged(body) });
      return;
    }
    const given = await forward(request, body);
    if (isSend && random() < (trouble.duplicates ?? 0)) await forward(request, body);
    if (isSend && random() < (trouble.lostAnswers ?? 0)) {
      request.socket.resetAndDestroy();
      return;
    }
    const isDisorderly = trouble.disorderMs !== undefined && call.endsWith('.ReceiveMessage');
    answer(response, isDisorderly ? shuffled(given, random) : given);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.keepAliveTimeout = UPSTREAM_TIMEOUT_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    retarget: (url) => {
      target = new URL(url);
    },
    trouble: (service, what) => {
      troubles[service] = what ?? {};
    },
  };
}

interface UpstreamAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const JSON_CONTENT = { 'content-type': 'application/x-amz-json-1.0' };
/** Headers of one connection, or replaced by this proxy. */
const OWN_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

function answer(response: ServerResponse, { status, headers, body }: UpstreamAnswer): void {
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name));
  response.writeHead(status, { ...Object.fromEntries(kept), 'content-length': body.length });
  response.end(body);
}

/** The answer as if every entry of the batch had been deleted. */
function acknowledged(request: Buffer): Buffer {
  const { Entries = [] } = JSON.parse(request.toString()) as { Entries?: { Id: string }[] };
  return Buffer.from(JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] }));
}

function shuffled(given: UpstreamAnswer, random: () => number): UpstreamAnswer {
  if (given.status !== 200) return given;
  const parsed = JSON.parse(given.body.toString()) as { Messages?: unknown[] };
  const places = (parsed.Messages ?? []).map((message) => ({ message, place: random() }));
  const Messages = places.toSorted((a, b) => a.place - b.place).map(({ message }) => message);
  return { ...given, body: Buffer.from(JSON.stringify({ ...parsed, Messages })) };
}

function pauseMs(durationMs: number): Promise<void> {
  return durationMs === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, durationMs));
}
