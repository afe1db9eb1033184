/**
 * Acknowledges every message after 15 ms, like SQS within a region, and remembers the events' ids. Implements
 * as much of the JSON protocol of SQS as @aws-sdk/client-sqs needs for SendMessageBatch and
 * GetQueueAttributes. ReceiveMessage delivers ten messages after as long: those that it was filled with, each
 * once, or without end the latest body or a sample. DeleteMessageBatch succeeds.
 *
 *   GET  /acknowledged        {messages, events, distinct}: since the last reset
 *   POST /unknown [ids]       the given ids that were never acknowledged
 *   POST /fill [bodies]       adds messages to be received
 *   POST /reset               resets the counts and keeps the ids
 */
import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const LATENCY_MS = Number(process.env.SQS_LATENCY_MS || '15');
const QUEUE_ARN = 'arn:aws:sqs:ap-northeast-2:000000000000:OrderCompleted';

const known = new Set<string>();
let counts = newCounts();
let delivered = 0;
let filled: string[] | undefined;
/** As large as an event of an order with three lines. */
let latestBody = JSON.stringify({ sample: 'x'.repeat(900) });

function newCounts() {
  return { messages: 0, events: 0, distinct: 0 };
}

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8');
    const action = request.headers['x-amz-target'];
    if (typeof action === 'string') answerSdk(action, body, response);
    else answerBench(request, body, response);
  });
}).listen(Number(process.env.HTTP_PORT), '127.0.0.1');

interface Batch {
  readonly Entries: readonly { readonly Id: string; readonly MessageBody: string }[];
}

function answerSdk(action: string, body: string, response: ServerResponse): void {
  switch (action) {
    case 'AmazonSQS.SendMessageBatch': {
      const { Entries } = JSON.parse(body) as Batch;
      const Successful = Entries.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: hash('md5', MessageBody),
      }));
      setTimeout(() => {
        for (const { MessageBody } of Entries) remember(MessageBody);
        latestBody = Entries.at(-1)?.MessageBody ?? latestBody;
        send(response, 'application/x-amz-json-1.0', { Successful, Failed: [] });
      }, LATENCY_MS);
      return;
    }
    case 'AmazonSQS.ReceiveMessage':
      setTimeout(() => send(response, 'application/x-amz-json-1.0', { Messages: deliver() }), LATENCY_MS);
      return;
    case 'AmazonSQS.DeleteMessageBatch': {
      const { Entries } = JSON.parse(body) as Batch;
      const Successful = Entries.map(({ Id }) => ({ Id }));
      setTimeout(() => send(response, 'application/x-amz-json-1.0', { Successful, Failed: [] }), LATENCY_MS);
      return;
    }
    case 'AmazonSQS.GetQueueAttributes':
      send(response, 'application/x-amz-json-1.0', { Attributes: { QueueArn: QUEUE_ARN } });
      return;
    default:
      response.statusCode = 400;
      send(response, 'application/x-amz-json-1.0', { __type: 'com.amazonaws.sqs#UnsupportedOperation' });
  }
}

/** Ten messages, as many as SQS delivers at once. */
function deliver() {
  const bodies = filled?.splice(-10) ?? Array.from({ length: 10 }, () => latestBody);
  return bodies.map((Body) => {
    delivered += 1;
    return {
      MessageId: `${delivered}`,
      ReceiptHandle: `${delivered}`,
      Body,
      MD5OfBody: hash('md5', Body),
      Attributes: { ApproximateReceiveCount: '1' },
    };
  });
}

/** A message is one event, or an array of several. */
function remember(body: string): void {
  counts.messages += 1;
  for (const { id } of [JSON.parse(body) as { id: string } | { id: string }[]].flat()) {
    counts.events += 1;
    if (known.has(id)) continue;
    known.add(id);
    counts.distinct += 1;
  }
}

function answerBench(request: IncomingMessage, body: string, response: ServerResponse): void {
  switch (request.url) {
    case '/readyz':
    case '/acknowledged':
      send(response, 'application/json', counts);
      return;
    case '/unknown':
      send(
        response,
        'application/json',
        (JSON.parse(body) as string[]).filter((id) => !known.has(id)),
      );
      return;
    case '/fill':
      filled = [...(filled ?? []), ...(JSON.parse(body) as string[])];
      send(response, 'application/json', { messages: filled.length });
      return;
    case '/reset':
      counts = newCounts();
      send(response, 'application/json', counts);
      return;
    default:
      response.statusCode = 404;
      send(response, 'application/json', {});
  }
}

function send(response: ServerResponse, type: string, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
}
