import { type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { listen } from '../../app/http/server/listen.ts';
import type { Log } from '../../app/platform/observe/log.ts';
import { onCleanup } from '../support/cleanup.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { until } from '../support/until.ts';

/** Larger than what the system buffers for a client that reads nothing. */
const ANSWER = Buffer.alloc(20_000_000);
const REQUEST = 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n';

describe('a stalled connection', () => {
  /** Every answer that the server has started. */
  const answers: ServerResponse[] = [];

  async function serve(standstillTimeoutMs: number, delayMs = 0) {
    const server = await listen(
      (_request, response) => {
        answers.push(response);
        setTimeout(() => response.end(ANSWER), delayMs);
      },
      {
        host: '127.0.0.1',
        port: 0,
        newRequestId: () => 'request-1',
        log: { info: () => undefined } as unknown as Log,
        standstillTimeoutMs,
      },
    );
    onCleanup(() => server.drain(1));
    const client = connect(server.port, '127.0.0.1');
    onCleanup(() => void client.destroy());
    client.on('error', () => undefined);
    return client;
  }

  beforeEach(() => {
    answers.length = 0;
  });

  it('is closed when its client does not read the responses, which are discarded', async () => {
    const client = await serve(100);
    client.pause();
    client.write(REQUEST.repeat(2));
    await until(
      'both answers are closed',
      () => answers.length === 2 && answers.every(({ closed }) => closed),
    );
    expect(answers.map(({ writableFinished }) => writableFinished)).to.deep.equal([false, false]);
  });

  it('stays open while its client reads, however slowly, or waits for a response', async () => {
    const standstillMs = onThisMachine(500);
    const client = await serve(standstillMs, standstillMs / 2);
    let startMs = 0;
    let bytes = 0;
    client.on('data', (piece) => {
      if (bytes === 0) startMs = performance.now();
      bytes += piece.length;
      client.pause();
      // Read slowly enough that the whole answer takes twice as long as a standstill may last.
      const dueMs = (bytes / ANSWER.length) * 2 * standstillMs - (performance.now() - startMs);
      setTimeout(() => client.resume(), Math.max(dueMs, 1));
    });
    client.write(REQUEST);
    await until('the whole answer is there, or its end', () => bytes > ANSWER.length || client.closed, {
      progress: () => bytes,
    });
    expect(bytes, 'bytes read').to.be.greaterThan(ANSWER.length);
    expect(performance.now() - startMs).to.be.greaterThan(standstillMs);
    expect(answers.map(({ writableFinished }) => writableFinished)).to.deep.equal([true]);
  });
});
