import { expect } from 'chai';
import { createSemaphore } from '../../app/platform/load/semaphore.ts';

describe('semaphore', () => {
  it('grants free permits at once, then in order of arrival', async () => {
    const semaphore = createSemaphore({ permitsMax: 1, waitingMax: 5 });
    expect(await semaphore.acquire(10)).to.equal(true);
    const order: string[] = [];
    const waiting = ['a', 'b'].map(async (name) => {
      if (await semaphore.acquire(1000)) order.push(name);
    });
    semaphore.release();
    semaphore.release();
    await Promise.all(waiting);
    expect(order).to.deep.equal(['a', 'b']);
  });

  it('rejects a caller when the queue is full', async () => {
    const semaphore = createSemaphore({ permitsMax: 1, waitingMax: 1 });
    await semaphore.acquire(10);
    const waiting = semaphore.acquire(1000);
    expect(await semaphore.acquire(1000)).to.equal(false);
    semaphore.release();
    expect(await waiting).to.equal(true);
  });

  it('removes a caller that timed out, so that the next waiting one gets the permit', async () => {
    const semaphore = createSemaphore({ permitsMax: 1, waitingMax: 2 });
    await semaphore.acquire(10);
    expect(await semaphore.acquire(5)).to.equal(false);
    const patient = semaphore.acquire(1000);
    semaphore.release();
    expect(await patient).to.equal(true);
    semaphore.release();
    expect(await semaphore.acquire(10)).to.equal(true);
  });
});
