import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { arriveAt, openBarrier } from '../support/barrier.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const arrival = new URL('../support/barrier.ts', import.meta.url).href;

describe('the start barrier', () => {
  it('holds every participant until the last one has arrived', async () => {
    const barrier = await openBarrier(3);
    const gone: number[] = [];
    const early = [1, 2].map((party) => arriveAt(barrier.port).then(() => gone.push(party)));
    await until('both participants wait', () => barrier.waiting === 2);
    expect(gone).to.deep.equal([]);
    await Promise.all([...early, arriveAt(barrier.port), barrier.opened]);
    expect(gone).to.have.members([1, 2]);
  });

  it('works across processes', async () => {
    const barrier = await openBarrier(3);
    const script =
      `const { arriveAt } = await import('${arrival}'); await arriveAt(${barrier.port}); ` +
      `console.log('gone');`;
    const parties = [1, 2].map(() => run(process.execPath, ['--input-type=module', '-e', script]));
    await arriveAt(barrier.port);
    expect((await Promise.all(parties)).map(({ stdout }) => stdout.trim())).to.deep.equal(['gone', 'gone']);
  });

  it('fails with a reason when a participant is missing', async () => {
    const barrier = await openBarrier(2);
    const failure = await arriveAt(barrier.port, 50).catch(String);
    expect(failure).to.contain('not all parties arrived at the barrier within 50 ms');
  });

  it('names the waiting participants when it is closed', async () => {
    const barrier = await openBarrier(2);
    const waiting = arriveAt(barrier.port).catch(String);
    await until('one participant waits', () => barrier.waiting === 1);
    barrier.close();
    expect(await waiting).to.contain('closed before all had arrived');
  });
});
