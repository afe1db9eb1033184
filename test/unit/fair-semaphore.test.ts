import { expect } from 'chai';
import { createFairSemaphore, type FairSemaphore } from '../../app/platform/load/fair-semaphore.ts';
import { OperationalError } from '../../app/platform/operational-error.ts';

interface Work {
  readonly party: string;
  end: (error?: Error) => void;
}

/** Creates a semaphore whose work ends when the test ends it. */
function semaphoreUnderTest(options: Partial<Parameters<typeof createFairSemaphore>[0]> = {}) {
  let nowMs = 0;
  const semaphore: FairSemaphore = createFairSemaphore({
    permitsMax: 1,
    waitingMax: 6,
    waitMaxMs: 1000,
    nowMs: () => nowMs,
    ...options,
  });
  const running: Work[] = [];
  const served: string[] = [];
  const refused: string[] = [];
  const ask = (party: string, name = party): void => {
    semaphore
      .run(party, () => {
        served.push(name);
        return new Promise<void>((resolve, reject) => {
          running.push({ party, end: (error) => (error === undefined ? resolve() : reject(error)) });
        });
      })
      .catch((error: unknown) => {
        if (error instanceof OperationalError && error.code === 'busy_retry') refused.push(name);
      });
  };
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    semaphore,
    running,
    served,
    refused,
    ask,
    settled,
    pass: (ms: number) => {
      nowMs += ms;
    },
    endOne: async (error?: Error) => {
      running.shift()?.end(error);
      await settled();
    },
  };
}

describe('fair semaphore', () => {
  it('serves a single party in order, up to the limit', async () => {
    const shop = semaphoreUnderTest();
    for (let index = 0; index < 9; index += 1) shop.ask('a', `a${index}`);
    await shop.settled();
    expect(shop.refused).to.deep.equal(['a7', 'a8']);
    expect(shop.semaphore.waiting()).to.equal(6);
    for (let index = 0; index < 7; index += 1) await shop.endOne();
    expect(shop.served).to.deep.equal(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
    expect(shop.semaphore.waiting()).to.equal(0);
    shop.ask('a', 'again');
    expect(shop.served.at(-1)).to.equal('again');
  });

  it('serves waiting parties round robin, however many permits one requests', async () => {
    const shop = semaphoreUnderTest();
    for (const name of ['a0', 'a1', 'a2', 'a3', 'b0', 'c0', 'b1']) shop.ask(name.slice(0, 1), name);
    for (let index = 0; index < 7; index += 1) await shop.endOne();
    expect(shop.served).to.deep.equal(['a0', 'a1', 'b0', 'c0', 'a2', 'b1', 'a3']);
  });

  it('drops the last entry of the longest queue to admit another party', async () => {
    const shop = semaphoreUnderTest();
    for (let index = 0; index < 7; index += 1) shop.ask('a', `a${index}`);
    shop.ask('b', 'b0');
    shop.ask('c', 'c0');
    await shop.settled();
    expect(shop.refused).to.deep.equal(['a6', 'a5']);
    shop.ask('a', 'a7');
    await shop.settled();
    expect(shop.refused.at(-1)).to.equal('a7');
    for (let index = 0; index < 4; index += 1) await shop.endOne();
    expect(shop.served.slice(0, 4)).to.deep.equal(['a0', 'a1', 'b0', 'c0']);
  });

  it('shares permits evenly between parties that request all of them', async () => {
    const shop = semaphoreUnderTest();
    for (let index = 0; index < 7; index += 1) shop.ask('a');
    for (let index = 0; index < 7; index += 1) shop.ask('b');
    await shop.settled();
    shop.served.length = 0;
    for (let index = 0; index < 7; index += 1) await shop.endOne();
    expect(shop.served.filter((party) => party === 'a')).to.have.lengthOf(3);
    expect(shop.served.filter((party) => party === 'b')).to.have.lengthOf(3);
  });

  it('rejects work that has waited too long and serves the next', async () => {
    const shop = semaphoreUnderTest();
    for (const name of ['a0', 'a1']) shop.ask('a', name);
    shop.pass(1001);
    shop.ask('a', 'a2');
    await shop.endOne();
    expect(shop.refused).to.deep.equal(['a1']);
    expect(shop.served).to.deep.equal(['a0', 'a2']);
  });

  it('rejects work at once that would wait too long, going by recent work', async () => {
    const shop = semaphoreUnderTest();
    for (let turn = 0; turn < 40; turn += 1) {
      shop.ask('a');
      shop.pass(260);
      await shop.endOne();
    }
    // Three pieces of 260 ms are below 0.8 of the longest wait, and a fourth one is not.
    for (let index = 0; index < 6; index += 1) shop.ask('a', `last${index}`);
    await shop.settled();
    expect(shop.semaphore.waiting()).to.equal(4);
    expect(shop.refused).to.deep.equal(['last5']);
  });

  it('releases the permit of work that fails', async () => {
    const shop = semaphoreUnderTest({ permitsMax: 2 });
    for (const name of ['a0', 'a1', 'a2']) shop.ask('a', name);
    await shop.endOne(new Error('work failed'));
    expect(shop.served).to.deep.equal(['a0', 'a1', 'a2']);
    await shop.endOne();
    await shop.endOne();
    shop.ask('b', 'b0');
    shop.ask('b', 'b1');
    expect(shop.served.slice(3)).to.deep.equal(['b0', 'b1']);
  });
});
