import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { HistoryLine } from '../faults/history/history-line.ts';
import { shopOperations } from '../faults/run/shop-operations.ts';
import { onCleanup } from '../support/cleanup.ts';

const shopper = { userId: '0190a000-0000-7000-8000-000000000001', token: 'token' };
const read = { shopper, request: {}, key: 'k1' };

describe('a request of a fault run', () => {
  /** Sends a request to a shop that always gives this answer. */
  async function ask(body: unknown) {
    const shop = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'Content-Type': 'application/json', 'X-Request-Id': 'r1' });
      response.end(JSON.stringify(body));
    });
    onCleanup(() => void shop.close());
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const lines: HistoryLine[] = [];
    const complaints: string[] = [];
    const operations = shopOperations(
      { write: (line) => lines.push(line) },
      () => lines.length,
      (what) => complaints.push(what),
    );
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    const operation = operations.begin('read-balance', read);
    const outcome = await operations.attempt(operation, { url, client: 1, timeoutMs: 5000 });
    await operations.ask(shopper, { url, timeoutMs: 5000 }, { method: 'GET', path: '/me/balance' });
    return { outcome, complaints, types: lines.map(({ type }) => type) };
  }

  it('is recorded with its response', async () => {
    const { outcome, complaints, types } = await ask({ balance: 5, balanceSeq: 1 });
    expect(complaints).to.deep.equal([]);
    expect(outcome).to.deep.equal({ type: 'ok', response: { balance: 5, balanceSeq: 1 } });
    expect(types).to.deep.equal(['invoke', 'ok']);
  });

  it('has an unknown outcome and fails the run if its response is undocumented', async () => {
    const { outcome, complaints, types } = await ask({ balance: 'five' });
    expect(outcome).to.deep.equal({ type: 'unknown' });
    expect(types).to.deep.equal(['invoke', 'unknown']);
    expect(complaints).to.have.length(2);
    for (const complaint of complaints)
      expect(complaint).to.include('GET /me/balance').and.to.include('five');
  });
});
