import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onCleanup } from '../../support/cleanup.ts';

/** What goes wrong at S3 or SQS. Everything may be given at once. */
export interface AwsTrouble {
  /** `away`: connections break. `error`: each request is answered with 503. */
  readonly outage?: 'away' | 'error';
  /** Each request takes this much longer. */
  readonly delayMs?: number;
  /** SQS: this share of the batches is taken in twice, so that each of its messages comes twice. */
  readonly duplicates?: number;
  /** SQS: this share of the batches is taken in and answered by a broken connection. */
  readonly lostAnswers?: number;
  /** SQS: this share of the deletions is acknowledged and not done: the messages come again. */
  readonly lostDeletions?: number;
  /** SQS: batches are late by up to this much, each by another time, and messages come in another order. */
  readonly disorderMs?: number;
}

export type AwsService = 'sqs' | 's3';

export interface AwsFront {
  readonly url: string;
  retarget(url: string): void;
  /** From now on; `undefined` ends it. */
  trouble(service: AwsService, what: AwsTrouble | undefined): void;
}

const UPSTREAM_TIMEOUT_MS = 25_000;

/**
 * Stands in front of the S3 and SQS server and does what these services do on a bad day. That they deliver a
 * message twice, late or in another order is no fault of theirs but their contract.
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
    // A client that has gone takes its long poll with it.
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
/** Of one connection, or replaced by ours. */
const OWN_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

function answer(response: ServerResponse, { status, headers, body }: UpstreamAnswer): void {
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name));
  response.writeHead(status, { ...Object.fromEntries(kept), 'content-length': body.length });
  response.end(body);
}

/** As if every entry of the batch had been deleted. */
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
