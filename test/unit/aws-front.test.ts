import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { type AwsFront, type AwsTrouble, openAwsFront } from '../faults/run/aws-front.ts';
import { onCleanup } from '../support/cleanup.ts';

const MESSAGES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Starts a service that records the calls that arrive. */
async function openService(): Promise<{ url: string; calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const called = String(request.headers['x-amz-target'] ?? `${request.method} ${request.url}`);
    const serve = async () => {
      calls.push(`${called} ${(await buffer(request)).toString()}`);
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify(called.endsWith('.ReceiveMessage') ? { Messages: MESSAGES } : { calls }));
    };
    void serve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

function call(front: AwsFront, name: string, body: object = {}): Promise<Response> {
  const headers = { 'x-amz-target': `AmazonSQS.${name}` };
  return fetch(front.url, { method: 'POST', headers, body: JSON.stringify(body) });
}

describe('the S3 and SQS proxy of a fault run', () => {
  const random = () => 0.4;
  const open = async (what: AwsTrouble | undefined) => {
    const service = await openService();
    const front = await openAwsFront(service.url, random);
    front.trouble('sqs', what);
    return { front, calls: service.calls };
  };

  it('forwards requests and responses unchanged', async () => {
    const { front, calls } = await open(undefined);
    const reply = await call(front, 'SendMessageBatch', { x: 1 });
    expect([reply.status, reply.headers.get('content-type')]).to.deep.equal([
      200,
      'application/x-amz-json-1.0',
    ]);
    expect(await reply.json()).to.deep.equal({ calls: ['AmazonSQS.SendMessageBatch {"x":1}'] });
    expect(calls).to.have.length(1);
  });

  it('breaks either service separately', async () => {
    const { front, calls } = await open({ outage: 'error' });
    expect((await call(front, 'SendMessageBatch')).status).to.equal(503);
    expect((await fetch(`${front.url}/bucket/key`)).status).to.equal(200);
    front.trouble('s3', { outage: 'away' });
    expect(await fetch(`${front.url}/bucket/key`).catch(() => 'broken')).to.equal('broken');
    front.trouble('sqs', undefined);
    expect((await call(front, 'SendMessageBatch')).status).to.equal(200);
    expect(calls).to.deep.equal(['GET /bucket/key ', 'AmazonSQS.SendMessageBatch {}']);
  });

  it('sends a batch twice', async () => {
    const { front, calls } = await open({ duplicates: 0.5 });
    expect((await call(front, 'SendMessageBatch')).status).to.equal(200);
    expect(calls).to.have.length(2);
  });

  it('sends a batch and loses the response', async () => {
    const { front, calls } = await open({ lostAnswers: 0.5 });
    expect(await call(front, 'SendMessageBatch').catch(() => 'broken')).to.equal('broken');
    expect(calls).to.have.length(1);
  });

  it('acknowledges a deletion without performing it', async () => {
    const { front, calls } = await open({ lostDeletions: 0.5 });
    const reply = await call(front, 'DeleteMessageBatch', { Entries: [{ Id: '7', ReceiptHandle: 'r' }] });
    expect(await reply.json()).to.deep.equal({ Successful: [{ Id: '7' }], Failed: [] });
    expect(calls).to.have.length(0);
  });

  it('delivers all messages in another order', async () => {
    const service = await openService();
    let draws = 0;
    const front = await openAwsFront(service.url, () => ((draws += 0.37), draws % 1));
    front.trouble('sqs', { disorderMs: 1 });
    const { Messages } = (await (await call(front, 'ReceiveMessage')).json()) as { Messages: string[] };
    expect(Messages).to.have.members(MESSAGES);
    expect(Messages).not.to.deep.equal(MESSAGES);
  });

  it('follows the server to a new address', async () => {
    const { front } = await open(undefined);
    const other = await openService();
    front.retarget(other.url);
    await call(front, 'SendMessageBatch');
    expect(other.calls).to.have.length(1);
  });
});
