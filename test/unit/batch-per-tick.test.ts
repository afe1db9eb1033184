import { expect } from 'chai';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { batchPerTick } from '../../app/http/server/batch-per-tick.ts';

describe('batchPerTick', () => {
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

  it('runs the requests of one tick together, in order, each once', async () => {
    const begun: number[] = [];
    const listener = batchPerTick((request) => begun.push(request as unknown as number));
    const arrive = (request: number) => listener(request as unknown as IncomingMessage, {} as ServerResponse);
    arrive(1);
    arrive(2);
    expect(begun).to.deep.equal([]);
    await nextTurn();
    expect(begun).to.deep.equal([1, 2]);
    arrive(3);
    await nextTurn();
    expect(begun).to.deep.equal([1, 2, 3]);
  });
});
