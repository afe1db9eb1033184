import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { openSqsTransport } from '../../../app/platform/aws/sqs.ts';
import { emulatorCredentials } from '../../../localstack/aws/provision.ts';
import { createTestAws, type TestAws } from '../../support/servers/aws.ts';
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

  const open = (endpoint: string, queueUrl = `${endpoint}/000000000000/queue`) => {
    const queue = openSqsTransport({ queueUrl, region: 'ap-northeast-2', endpoint });
    onCleanup(() => queue.close());
    return queue;
  };

  /** Starts a queue that gives these answers one after another and then repeats the last one. */
  const answering = async (answers: readonly { status: number; body: object }[]) => {
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
    return { seen, queue: open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
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
