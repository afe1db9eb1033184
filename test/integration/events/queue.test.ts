import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PurgeQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { openSqsTransport } from '../../../app/platform/aws/sqs.ts';
import type { IncomingMessage } from '../../../app/platform/event-transport.ts';
import { emulatorCredentials } from '../../../localstack/aws/provision.ts';
import { createTestAws, type TestAws } from '../../support/servers/aws.ts';
import { bodiesIn } from '../../support/servers/test-events.ts';
import { onCleanup } from '../../support/cleanup.ts';

describe('sending to the queue', () => {
  let aws: TestAws;
  before('credentials as the app gets them', async () => {
    process.env.AWS_ACCESS_KEY_ID = emulatorCredentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = emulatorCredentials.secretAccessKey;
    aws = await createTestAws();
  });
  after(async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    await aws.remove();
  });

  const open = (endpoint: string, queueUrl = `${endpoint}/000000000000/queue`, eventsPerMessageMax = 1) => {
    const queue = openSqsTransport({ queueUrl, region: 'ap-northeast-2', endpoint, eventsPerMessageMax });
    onCleanup(() => queue.close());
    return queue;
  };

  /** Starts a queue that gives these answers one after another and then repeats the last one. */
  const answering = async (answers: readonly { status: number; body: object }[], eventsPerMessageMax = 1) => {
    const seen: { authorization: string; agent: string; length: number }[] = [];
    const server = createServer((request, response) => {
      const { authorization = '', 'user-agent': agent = '' } = request.headers;
      const answer = answers[Math.min(seen.length, answers.length - 1)];
      seen.push({ authorization, agent, length: Number(request.headers['content-length']) });
      request.resume();
      response.writeHead(answer?.status ?? 500, { 'Content-Type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer?.body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onCleanup(() => {
      server.close();
      server.closeAllConnections();
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { seen, queue: open(endpoint, undefined, eventsPerMessageMax) };
  };

  const md5OfA = '0cc175b9c0f1b6a831c399e269772661';
  const taken = (...ids: string[]) => ({
    Successful: ids.map((Id) => ({ Id, MessageId: Id, MD5OfMessageBody: md5OfA })),
  });

  it('delivers bodies unchanged and returns the acknowledged ids', async () => {
    const queue = open(aws.endpointUrl, aws.queueUrl);
    const bodies = ['{"name":"한글 ☕ \\"quoted\\""}', 'line\nbreak\ttab', '<&>'];
    const sent = await queue.send(bodies.map((body, index) => ({ id: `m${index}`, key: 'k', body })));
    expect([...sent].toSorted()).to.deep.equal(['m0', 'm1', 'm2']);
    const received: string[] = [];
    while (received.length < bodies.length) {
      const { Messages = [] } = await aws.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: aws.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
      );
      received.push(...Messages.map(({ Body }) => Body ?? ''));
    }
    expect(received.toSorted()).to.deep.equal(bodies.toSorted());
    await aws.sqs.send(new PurgeQueueCommand({ QueueUrl: aws.queueUrl }));
  });

  it('puts several events into one message, and fewer into a call that would be too large', async () => {
    const queue = open(aws.endpointUrl, aws.queueUrl, 128);
    const events = Array.from({ length: 100 }, (_, index) => ({
      id: `m${index}`,
      key: 'k',
      body: JSON.stringify({ index, filler: 'x'.repeat(8000) }),
    }));
    expect([...(await queue.send(events))]).to.deep.equal(events.map(({ id }) => id));
    const received: string[][] = [];
    const { signal } = new AbortController();
    while (received.flat().length < events.length) {
      const batch = await queue.receive({ waitS: 5, signal });
      received.push(...batch.messages.map(({ body }) => bodiesIn(body)));
      await batch.settle({ done: batch.messages, refused: [] });
    }
    expect(received.flat().toSorted()).to.deep.equal(events.map(({ body }) => body).toSorted());
    // Seven events of 8 KB fit into 56 KB.
    expect(received).to.have.lengthOf(Math.ceil(100 / 7));
  });

  it('moves only the refused events of a batch to the dead letters, each with its reason', async () => {
    const queue = open(aws.endpointUrl, aws.queueUrl, 128);
    const { signal } = new AbortController();
    await queue.send(['1', '2', '3'].map((body) => ({ id: body, key: 'k', body })));
    const batch = await queue.receive({ waitS: 5, signal });
    const [message] = batch.messages;
    if (message === undefined) throw new Error('no message');
    const letters = [{ body: '2', reason: 'unreadable' }];
    await batch.settle({ done: [], refused: [{ message, letters }] });
    expect(await aws.messageCount()).to.equal(0);
    const { Messages = [] } = await aws.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: aws.deadLetterQueueUrl, MessageAttributeNames: ['All'] }),
    );
    expect(Messages.map(({ Body }) => Body)).to.deep.equal(['2']);
    const { Reason, MessageId } = Messages[0]?.MessageAttributes ?? {};
    expect([Reason?.StringValue, MessageId?.StringValue]).to.deep.equal(['unreadable', message.id]);
  });

  it('is done with the other messages of a call even if a dead letter cannot be stored', async () => {
    const queue = open(aws.endpointUrl, aws.queueUrl);
    const { signal } = new AbortController();
    await queue.send(['1', '2', '3'].map((body) => ({ id: body, key: 'k', body })));
    const batch = await queue.receive({ waitS: 5, signal });
    expect(batch.messages).to.have.lengthOf(3);
    const [done, tooLarge, other] = batch.messages as IncomingMessage[] as [
      IncomingMessage,
      IncomingMessage,
      IncomingMessage,
    ];
    const settled = batch.settle({
      done: [done],
      refused: [
        { message: tooLarge, letters: [{ body: 'x'.repeat(2_000_000), reason: 'unreadable' }] },
        { message: other, letters: [{ body: 'a letter', reason: 'unreadable' }] },
      ],
    });
    expect(await settled.catch((error: Error) => error)).to.be.an('error');
    // The refused one is delivered again.
    expect(await aws.messageCount()).to.equal(1);
    await aws.sqs.send(new PurgeQueueCommand({ QueueUrl: aws.queueUrl }));
  });

  it('sends the events of a refused message again one by one, so that one keeps no other back', async () => {
    const { seen, queue } = await answering(
      [
        { status: 200, body: { Failed: [{ Id: 'one', Code: 'InvalidMessageContents', SenderFault: true }] } },
        { status: 200, body: taken('one', 'three') },
      ],
      128,
    );
    const sent = await queue.send(['one', 'two', 'three'].map((id) => ({ id, key: 'k', body: `"${id}"` })));
    expect([...sent]).to.deep.equal(['one', 'three']);
    expect(seen).to.have.lengthOf(2);
  });

  it('signs the call and does not return rejected ids', async () => {
    const { queue, seen } = await answering([
      {
        status: 200,
        body: { ...taken('one'), Failed: [{ Id: 'two', Code: 'InternalError', SenderFault: false }] },
      },
    ]);
    const sent = await queue.send(['one', 'two'].map((id) => ({ id, key: 'k', body: 'a' })));
    expect([...sent]).to.deep.equal(['one']);
    expect(seen).to.have.lengthOf(1);
    expect(seen[0]?.authorization).to.match(
      /^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/ap-northeast-2\/sqs\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/,
    );
  });

  it('leaves retries of a failed call to the SDK', async () => {
    const { queue, seen } = await answering([
      { status: 503, body: { __type: 'ServiceUnavailable' } },
      { status: 503, body: { __type: 'ServiceUnavailable' } },
      { status: 200, body: taken('one') },
    ]);
    expect([...(await queue.send([{ id: 'one', key: 'k', body: 'a' }]))]).to.deep.equal(['one']);
    expect(seen.map(({ agent }) => agent.includes('aws-sdk-js'))).to.deep.equal([false, true, true]);
  });

  it("throws the queue's own error", async () => {
    const { queue } = await answering([
      { status: 400, body: { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'no such queue' } },
    ]);
    const error = await queue
      .send([{ id: 'one', key: 'k', body: 'a' }])
      .catch((caught: Error) => caught.name);
    expect(error).to.equal('QueueDoesNotExist');
  });
});
