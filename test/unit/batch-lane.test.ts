import { expect } from 'chai';
import { type BatchLaneOptions, createBatchLane } from '../../app/platform/load/batch-lane.ts';
import { OperationalError } from '../../app/platform/operational-error.ts';

type Options = BatchLaneOptions<number, string>;

/** Creates a lane whose groups end when the test ends them. */
function laneUnderTest(changes: Partial<Options> = {}) {
  const groups: number[][] = [];
  const ends: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  let clockMs = 0;
  const lane = createBatchLane<number, string>({
    execute: (requests) => {
      groups.push([...requests]);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      ends.push({ resolve, reject });
      return promise.then(() => requests.map((request) => `done ${request}`));
    },
    groupMax: 4,
    queueMax: 10,
    waitMaxMs: 1000,
    lanes: 1,
    nowMs: () => clockMs,
    ...changes,
  });
  return { lane, groups, ends, pass: (ms: number) => (clockMs += ms) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const codeOf = (promise: Promise<string>) =>
  promise.then(
    (result) => result,
    (error: unknown) => (error instanceof OperationalError ? error.code : String(error)),
  );

describe('batchLane', () => {
  it('runs a lone request at once', () => {
    const { lane, groups } = laneUnderTest();
    void lane.submit(1);
    expect(groups).to.deep.equal([[1]]);
  });

  it('groups the requests that arrive meanwhile, in order and at most groupMax per group', async () => {
    const { lane, groups, ends } = laneUnderTest();
    const results = [1, 2, 3, 4, 5, 6].map((request) => lane.submit(request));
    expect(groups).to.deep.equal([[1]]);
    ends[0]?.resolve();
    await settled();
    expect(groups).to.deep.equal([[1], [2, 3, 4, 5]]);
    ends[1]?.resolve();
    await settled();
    ends[2]?.resolve();
    expect(await Promise.all(results)).to.deep.equal([1, 2, 3, 4, 5, 6].map((request) => `done ${request}`));
    expect(groups).to.deep.equal([[1], [2, 3, 4, 5], [6]]);
  });

  it('starts the next group before it answers the finished one', async () => {
    const { lane, groups, ends } = laneUnderTest();
    const startedAtAnswer = lane.submit(1).then(() => groups.length);
    void lane.submit(2);
    ends[0]?.resolve();
    expect(await startedAtAnswer).to.equal(2);
  });

  it('runs as many groups at once as it has lanes', () => {
    const { lane, groups } = laneUnderTest({ lanes: 2 });
    for (const request of [1, 2, 3]) void lane.submit(request);
    expect(groups).to.deep.equal([[1], [2]]);
  });

  it('rejects a request at once when the queue is full', async () => {
    const { lane, groups } = laneUnderTest({ queueMax: 2 });
    void lane.submit(1);
    void lane.submit(2);
    expect(lane.isFull()).to.equal(false);
    void lane.submit(3);
    expect(lane.isFull()).to.equal(true);
    expect(await codeOf(lane.submit(4))).to.equal('busy_retry');
    expect(groups).to.deep.equal([[1]]);
  });

  it('rejects a request that has waited too long, without executing it', async () => {
    const { lane, groups, ends, pass } = laneUnderTest();
    void lane.submit(1);
    const late = codeOf(lane.submit(2));
    pass(600);
    const inTime = codeOf(lane.submit(3));
    pass(600);
    ends[0]?.resolve();
    expect(await late).to.equal('busy_retry');
    await settled();
    ends[1]?.resolve();
    expect(await inTime).to.equal('done 3');
    expect(groups).to.deep.equal([[1], [3]]);
  });

  it('fills a group with requests that are in time, however many expired ones are ahead', async () => {
    const { lane, groups, ends, pass } = laneUnderTest();
    void lane.submit(1);
    const late = [2, 3, 4].map((request) => codeOf(lane.submit(request)));
    pass(240);
    for (const request of [5, 6, 7, 8]) void lane.submit(request);
    pass(800);
    ends[0]?.resolve();
    expect(await Promise.all(late)).to.deep.equal(['busy_retry', 'busy_retry', 'busy_retry']);
    expect(groups).to.deep.equal([[1], [5, 6, 7, 8]]);
  });

  /** Leaves a lane whose full groups take 300 ms, with three of them in its queue. */
  async function laneWithCrowd(changes: Partial<Options> = {}) {
    const shop = laneUnderTest({ queueMax: 100, ...changes });
    const submit = (count: number) => {
      for (let index = 0; index < count; index += 1) void codeOf(shop.lane.submit(index));
    };
    const endGroup = async (tookMs: number) => {
      shop.pass(tookMs);
      shop.ends.shift()?.resolve();
      await settled();
    };
    submit(5);
    await endGroup(0);
    submit(4);
    await endGroup(300);
    submit(8);
    expect(shop.lane.waiting()).to.equal(8);
    return { ...shop, submit, endGroup };
  }

  it('serves a crowd until a request would wait too long, judged by recent full groups', async () => {
    const { lane, submit, pass } = await laneWithCrowd();
    expect(lane.isFull(), 'three groups of 300 ms').to.equal(false);
    pass(600);
    expect(lane.isFull(), 'however long the running group takes').to.equal(false);
    submit(4);
    expect(lane.isFull(), 'four groups').to.equal(true);
    expect(await codeOf(lane.submit(1))).to.equal('busy_retry');
    expect(lane.waiting(), 'too large a crowd is no overload yet').to.equal(12);
  });

  it('serves a crowd to its end when only a few requests follow', async () => {
    const { lane, submit, endGroup, pass } = await laneWithCrowd({ waitMaxMs: 1800 });
    submit(12);
    for (let group = 0; group < 4; group += 1) await endGroup(300);
    pass(1);
    expect(lane.waiting()).to.equal(4);
    expect(lane.isFull(), '1,201 ms after the beginning').to.equal(false);
    submit(1);
    await endGroup(299);
    expect(lane.waiting()).to.equal(1);
  });

  it('cuts the end of the queue once a crowd turns out to be an overload', async () => {
    const { lane, submit, endGroup, pass } = await laneWithCrowd();
    for (let group = 0; group < 2; group += 1) {
      await endGroup(300);
      submit(4);
    }
    const last = codeOf(lane.submit(1));
    expect(lane.waiting()).to.equal(9);
    expect(lane.isFull(), '600 ms after the beginning').to.equal(false);
    pass(67);
    expect(lane.isFull(), '667 ms after it').to.equal(true);
    expect(lane.waiting(), 'a group, which takes 300 ms').to.equal(4);
    expect(await last).to.equal('busy_retry');
    await endGroup(233);
    submit(9);
    expect(lane.waiting(), 'kept short').to.equal(4);
  });

  it('keeps a queue short that never empties', async () => {
    const { lane, submit, endGroup, pass } = await laneWithCrowd();
    for (let group = 0; group < 2; group += 1) {
      submit(4);
      await endGroup(300);
    }
    expect(lane.waiting()).to.equal(8);
    expect(lane.isFull(), 'a crowd that lasts for 600 ms').to.equal(false);
    submit(4);
    await endGroup(200);
    expect(lane.isFull(), 'and for 800 ms').to.equal(true);
    expect(lane.waiting()).to.equal(4);
    for (let group = 0; group < 2; group += 1) await endGroup(300);
    expect(lane.waiting()).to.equal(0);
    submit(8);
    expect(lane.isFull(), 'a crowd right after the overload').to.equal(true);
    for (let group = 0; group < 2; group += 1) await endGroup(300);
    pass(5000);
    await endGroup(300);
    submit(9);
    expect(lane.waiting()).to.equal(8);
    expect(lane.isFull(), 'a crowd five seconds later').to.equal(false);
  });

  it('forgets a stall when no full group has run since: the next crowd is served', async () => {
    const { lane, submit, endGroup, pass } = await laneWithCrowd();
    for (let group = 0; group < 2; group += 1) await endGroup(3000);
    await endGroup(0);
    for (let second = 0; second < 5; second += 1) {
      submit(1);
      await endGroup(10);
      pass(990);
    }
    submit(1);
    pass(1);
    submit(60);
    expect(lane.waiting()).to.equal(60);
  });

  it('takes a slow group into account while it still runs', async () => {
    const { lane, pass } = laneUnderTest();
    for (const request of [1, 2, 3, 4, 5]) void lane.submit(request);
    pass(1000);
    expect(lane.isFull()).to.equal(false);
    pass(1);
    expect(lane.isFull()).to.equal(true);
  });

  it('runs a failed group again in halves, so that only the faulty request fails', async () => {
    const attempts: number[][] = [];
    const { lane } = laneUnderTest({
      execute: async (requests) => {
        attempts.push([...requests]);
        await settled();
        if (requests.includes(3)) throw new Error('three is broken');
        return requests.map((request) => `done ${request}`);
      },
    });
    const results = await Promise.all([1, 2, 3, 4].map((request) => codeOf(lane.submit(request))));
    expect(results).to.deep.equal(['done 1', 'done 2', 'Error: three is broken', 'done 4']);
    expect(attempts).to.deep.equal([[1], [2, 3, 4], [2, 3], [2], [3], [4]]);
  });

  it('finds one faulty request among 128 in 15 runs', async () => {
    let runs = 0;
    const { lane } = laneUnderTest({
      execute: async (requests) => {
        runs += 1;
        await settled();
        if (requests.includes(77)) throw new Error('it is broken');
        return requests.map((request) => `done ${request}`);
      },
      groupMax: 128,
      queueMax: 1000,
    });
    const requests = Array.from({ length: 129 }, (_, index) => index);
    const results = await Promise.all(requests.map((request) => codeOf(lane.submit(request))));
    expect(results.filter((result) => !result.startsWith('done'))).to.deep.equal(['Error: it is broken']);
    // The first request alone, its followers together, and two halves of each of seven sizes.
    expect(runs).to.equal(1 + 1 + 14);
  });

  it('rejects a request whose result is an Error, and no other', async () => {
    const { lane } = laneUnderTest({
      execute: async (requests) =>
        requests.map((request) => (request === 3 ? new Error('three is broken') : `done ${request}`)),
    });
    const results = await Promise.all([1, 2, 3, 4].map((request) => codeOf(lane.submit(request))));
    expect(results).to.deep.equal(['done 1', 'done 2', 'Error: three is broken', 'done 4']);
  });

  it('does not split a group that failed for a lock or a lost connection', async () => {
    const { lane, groups, ends } = laneUnderTest();
    const results = [1, 2, 3].map((request) => codeOf(lane.submit(request)));
    ends[0]?.resolve();
    await settled();
    ends[1]?.reject(new OperationalError('dependency_unavailable', 'gone'));
    expect(await Promise.all(results)).to.deep.equal([
      'done 1',
      'dependency_unavailable',
      'dependency_unavailable',
    ]);
    expect(groups).to.deep.equal([[1], [2, 3]]);
  });

  it('continues after a failed group', async () => {
    const { lane, ends } = laneUnderTest();
    const first = codeOf(lane.submit(1));
    ends[0]?.reject(new OperationalError('busy_retry', 'locked'));
    await first;
    const second = codeOf(lane.submit(2));
    ends[1]?.resolve();
    expect(await second).to.equal('done 2');
  });

  it('is idle once no request waits and no group runs', async () => {
    const { lane, ends } = laneUnderTest();
    await lane.idle();
    const result = lane.submit(1);
    let isIdle = false;
    const idle = lane.idle().then(() => (isIdle = true));
    await settled();
    expect(isIdle).to.equal(false);
    ends[0]?.resolve();
    await Promise.all([result, idle]);
  });
});
