import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { latencyHistogram } from '../bench/load/latency-histogram.ts';
import type { LoadJob, LoadResult } from '../bench/load/load-job.ts';
import { runLoad } from '../bench/load/run-load.ts';
import { onCleanup } from '../support/cleanup.ts';

const products = ['018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002'];

const job: Omit<LoadJob, 'urls'> = {
  connections: 8,
  warmUpMs: 50,
  durationMs: 300,
  pace: { kind: 'closed' },
  requests: {
    kind: 'orders',
    tokens: ['one', 'two'],
    productIds: products,
    zipfExponent: 1,
    keyPrefix: 'test-',
  },
  seed: 1,
};

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const quantileMs = (result: LoadResult, share: number) =>
  latencyHistogram(result.byStatus['200']?.latencies).quantile(share) / 1000;

describe('the load process', () => {
  it('sends orders that differ in key, buyer and product, and counts every response', async () => {
    const keys = new Set<string>();
    const bodies = new Set<string>();
    const buyers = new Set<string>();
    let answers = 0;
    const url = await serve((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        answers += 1;
        keys.add(request.headers['idempotency-key'] as string);
        buyers.add(request.headers.authorization ?? '');
        bodies.add(body);
        // Larger than one read, so that answers arrive in pieces.
        response.writeHead(200, { 'Content-Length': 50_000 }).end(Buffer.alloc(50_000, 'x'));
      });
    });
    const result = await runLoad({ ...job, urls: [url] });
    expect(result.totals).to.deep.equal({ 200: answers });
    expect(sum(Object.assign({}, ...result.perSecond) as Record<string, number>)).to.equal(answers);
    expect(keys.size).to.equal(answers);
    expect([...buyers].toSorted()).to.deep.equal(['Bearer one', 'Bearer two']);
    expect([...bodies].toSorted()).to.deep.equal(
      products.map((productId) => JSON.stringify({ items: [{ productId, quantity: 1 }] })),
    );
    expect(result).to.include({ unanswered: 0, unsent: 0 });
    expect(result.ownCpuUs).to.be.greaterThan(0);
  });

  it('reports responses other than 200 with their Retry-After, and broken connections', async () => {
    let count = 0;
    const url = await serve((request, response) => {
      request.resume();
      count += 1;
      if (count % 50 === 0) request.socket.destroy();
      else if (count % 3 === 0)
        response.writeHead(503, { 'Retry-After': '2', 'Content-Length': 4 }).end('busy');
      else response.writeHead(200, { 'Content-Length': 0 }).end();
    });
    const result = await runLoad({ ...job, urls: [url] });
    expect(result.totals['503']).to.be.greaterThan(10);
    expect(result.retryAfter).to.deep.equal({ 2: result.totals['503'] });
    expect(result.samples[0]).to.match(/^HTTP\/1.1 503 [^]*busy$/);
    expect(result.unanswered).to.be.greaterThan(0);
    expect(sum(result.connectionErrors)).to.equal(result.unanswered);
    expect(sum(result.totals) + result.unanswered).to.equal(count);
  });

  it('measures latency at a fixed rate from the intended time, so that a stall shows', async () => {
    let isStalled = false;
    let stall: NodeJS.Timeout | undefined;
    onCleanup(() => clearTimeout(stall));
    const waiting: (() => void)[] = [];
    const url = await serve((request, response) => {
      request.resume();
      const answer = () => response.writeHead(200, { 'Content-Length': 0 }).end();
      if (isStalled) waiting.push(answer);
      else answer();
      // Start the stall at the first request: the process that sends requests takes time to start.
      stall ??= setTimeout(() => {
        isStalled = true;
        stall = setTimeout(() => {
          isStalled = false;
          for (const late of waiting) late();
        }, 200);
      }, 100);
    });
    const result = await runLoad({
      ...job,
      urls: [url],
      warmUpMs: 0,
      durationMs: 500,
      connections: 2,
      pace: { kind: 'open', ratePerS: 400, waitingMax: 1000 },
    });
    // Two requests were in flight during the stall. Requests that had to wait for them count as equally late.
    // A timer that is late on a busy machine makes the measured time longer.
    expect(result.totals['200']).to.be.within(120, 260);
    expect(quantileMs(result, 0.9)).to.be.greaterThan(50);
  });

  it('drops requests that a fixed rate cannot queue, and reports them', async () => {
    const url = await serve((request, response) => {
      request.resume();
      setTimeout(() => response.writeHead(200, { 'Content-Length': 0 }).end(), 150);
    });
    const open = { kind: 'open', ratePerS: 1000, waitingMax: 10 } as const;
    const result = await runLoad({ ...job, urls: [url], connections: 1, pace: open, durationMs: 200 });
    expect(result.unsent).to.be.greaterThan(100);
    expect(result.unanswered).to.be.within(1, 10);
    expect(sum(result.totals)).to.be.within(1, 3);
  });

  it('fails when no server listens', async () => {
    const failure = await runLoad({ ...job, urls: ['http://127.0.0.1:1'] }).catch((error: unknown) => error);
    expect(String(failure)).to.match(/load: .*ECONNREFUSED/);
  });
});
